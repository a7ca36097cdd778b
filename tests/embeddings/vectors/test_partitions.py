"""One partition per embedding key."""

import time

import psycopg
import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, transaction

from accounts.models import User
from embeddings.models import Vector, VectorChange, VectorSet
from embeddings.services import partitions
from embeddings.services.partitions import (
    abandoned_partitions,
    drop_partition,
    ensure_partition,
    partition_for_new_key,
    partition_name,
)
from folders import hooks
from folders.choices import KeyType
from folders.models import Folder, MetadataKey
from tests.embeddings.connections import connect
from tests.embeddings.worlds import make_key, make_units, put
from tests.factories import EmbeddingKeyFactory


def exists(key: MetadataKey) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [partition_name(key.pk)])
        return bool(cursor.fetchone()[0])


def storage(key: MetadataKey) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstorage FROM pg_attribute WHERE attname = 'value'"
            " AND attrelid = to_regclass(%s)",
            [partition_name(key.pk)],
        )
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("dimensions", "letter"), [(1, "p"), (2000, "p"), (2001, "e"), (4096, "e")]
)
def test_ensure_partition__storage_by_size(dimensions: int, letter: str, birds: Folder) -> None:
    key = make_key(birds, dimensions=dimensions)

    ensure_partition(key_id=key.pk, dimensions=dimensions)
    ensure_partition(key_id=key.pk, dimensions=dimensions)

    assert storage(key) == letter


def test_partition__holds_only_its_key_and_size(birds: Folder) -> None:
    key = make_key(birds, dimensions=2)
    (unit,) = make_units(birds, 1)
    ensure_partition(key_id=key.pk, dimensions=2)
    insert = "INSERT INTO {} (key_id, unit_id, root_id, norm, value) VALUES (%s, %s, %s, %s, %s)"

    for key_id, norm, value in (
        (key.pk, 1.0, "[1,2,3]"),
        (key.pk + 1, 1.0, "[1,2]"),
        (key.pk, -1.0, "[1,2]"),
        (key.pk, float("inf"), "[1,2]"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                insert.format(partition_name(key.pk)), [key_id, unit, birds.pk, norm, value]
            )


def test_partition_for_new_key__only_of_embeddings_with_a_size(birds: Folder) -> None:
    organisation = birds.organisation
    number = EmbeddingKeyFactory.create(
        organisation=organisation, type=KeyType.NUMBER, dimensions=None
    )
    unsized = make_key(birds, dimensions=None)
    sized = make_key(birds, dimensions=8)

    for key in (number, unsized, sized):
        partition_for_new_key(key)

    assert [exists(key) for key in (number, unsized, sized)] == [False, False, True]


def test_hooks__a_new_key_has_its_partition(birds: Folder) -> None:
    key = make_key(birds, dimensions=5)

    hooks.on_key_created(key)

    assert exists(key)


@pytest.mark.django_db(transaction=True)
def test_ensure_partition__passes_open_readers_and_writers(birds: Folder) -> None:
    old, new = make_key(birds), make_key(birds)
    (unit,) = make_units(birds, 1)
    put(old, {unit: [1, 2, 3]})

    with connect() as reader, connect() as writer:
        assert reader.execute("SELECT count(*) FROM embeddings_vector").fetchone() == (1,)
        writer.execute("UPDATE folders_unit SET is_key_frame = true")
        writer.execute("UPDATE folders_metadatakey SET updated_at = now() WHERE id = %s", [old.pk])
        writer.execute("UPDATE embeddings_vector SET norm = 1")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            ensure_partition(key_id=new.pk, dimensions=3)
        # Readers that come now are not held up either.
        assert reader.execute("SELECT count(*) FROM embeddings_vector").fetchone() == (1,)

    assert exists(new)


@pytest.mark.django_db(transaction=True)
def test_drop_partition__removes_vectors_sets_and_history(
    birds: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_CHANGES_PER_BATCH", 2)
    dropped, kept = make_key(birds), make_key(birds)
    units = make_units(birds, 5)
    for key in (dropped, kept):
        put(key, {unit: [1, 2, 3] for unit in units})

    drop_partition(key_id=dropped.pk)
    drop_partition(key_id=dropped.pk)

    assert not exists(dropped)
    assert set(VectorSet.objects.values_list("key_id", flat=True)) == {kept.pk}
    assert VectorChange.objects.count() == 5
    assert Vector.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_drop_partition__lets_readers_pass_and_tries_again(
    birds: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_key(birds)
    (unit,) = make_units(birds, 1)
    put(key, {unit: [1, 2, 3]})
    pauses: list[float] = []

    with connect() as reader:
        reader.execute("SELECT count(*) FROM embeddings_vector")

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            # Another reader gets through between two attempts; the first one then leaves.
            with connect() as another:
                another.execute("SELECT count(*) FROM embeddings_vector")
            if len(pauses) == 2:
                reader.rollback()

        monkeypatch.setattr(time, "sleep", pause)
        drop_partition(key_id=key.pk)

    assert len(pauses) == 2
    assert not exists(key)


@pytest.mark.django_db(transaction=True)
def test_drop_partition__gives_up_when_readers_never_leave(
    birds: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_key(birds)
    ensure_partition(key_id=key.pk, dimensions=3)
    monkeypatch.setattr(partitions, "_DETACH_ATTEMPTS", 2)
    monkeypatch.setattr(partitions, "_DETACH_PAUSE_SECONDS", 0.01)

    with connect() as reader:
        reader.execute("SELECT count(*) FROM embeddings_vector")
        with pytest.raises(OperationalError) as refusal:
            drop_partition(key_id=key.pk)

    assert isinstance(refusal.value.__cause__, psycopg.errors.LockNotAvailable)
    assert exists(key)


def test_abandoned_partitions__are_those_without_a_key(birds: Folder, admin: User) -> None:
    kept, gone = make_key(birds), make_key(birds)
    for key in (kept, gone):
        ensure_partition(key_id=key.pk, dimensions=3)
    gone_id = gone.pk

    gone.delete()

    assert gone_id in abandoned_partitions()
    assert kept.pk not in abandoned_partitions()


@pytest.mark.django_db(transaction=True)
def test_drop_abandoned_partitions__keeps_those_of_living_keys(
    birds: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, gone = make_key(birds), make_key(birds)
    (unit,) = make_units(birds, 1)
    for key in (kept, gone):
        put(key, {unit: [1, 2, 3]})
    gone_id = gone.pk
    MetadataKey.objects.filter(pk=gone_id).delete()

    call_command("drop_abandoned_partitions")

    assert f"key {gone_id}." in capsys.readouterr().out
    assert gone_id not in abandoned_partitions()
    assert exists(kept)
    assert Vector.objects.count() == 1
