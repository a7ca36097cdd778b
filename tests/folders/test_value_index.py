"""The index of typed values follows units and schema, whoever writes."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.actor import Actor
from accounts.models import User
from core.jobs import JobRun
from core.models import Job
from folders.choices import KeyType
from folders.models import Folder, IndexedValue, MetadataKey, Unit
from folders.services import value_index
from folders.services.schema import add_key, delete_key, edit_key, restore_key
from tests.embeddings.connections import writers
from tests.embeddings.worlds import make_units
from tests.factories import FolderFactory, MembershipFactory, UnitFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


def rows(key: MetadataKey) -> dict[int, Any]:
    """What the index holds of a key, by unit."""
    found = IndexedValue.objects.filter(key_id=key.pk)
    return {row.unit_id: row.number or row.moment or row.word for row in found}


@pytest.fixture
def score(birds: Folder, admin: User, actor_for: ActorFor) -> MetadataKey:
    """A key of numbers, indexed."""
    add_key(actor=actor_for(admin), name="score", type=KeyType.NUMBER)
    run_jobs()
    return MetadataKey.objects.get()


def test_new_units__are_entered_at_once(
    birds: Folder, boats: Folder, score: MetadataKey, outsider: User
) -> None:
    first = UnitFactory.create(item__folder=birds, item__client_metadata={"score": 3})
    UnitFactory.create(item__folder=birds, item__client_metadata={"other": 3})
    UnitFactory.create(item__folder=birds, item__client_metadata={"score": None})
    foreign = FolderFactory.create(organisation=outsider.memberships.get().organisation)
    UnitFactory.create(item__folder=foreign, item__client_metadata={"score": 4})

    assert rows(score) == {first.pk: 3.0}


def test_changes__are_followed(birds: Folder, boats: Folder, score: MetadataKey) -> None:
    unit = UnitFactory.create(item__folder=birds, item__client_metadata={"score": 3})
    mine = Unit.objects.filter(pk=unit.pk)

    mine.update(metadata={"score": 5, "x": 1})
    assert rows(score) == {unit.pk: 5.0}

    mine.update(folder=boats, root=boats)
    assert IndexedValue.objects.get().root_id == boats.pk

    mine.update(metadata={"score": "much"})
    assert rows(score) == {unit.pk: None}

    mine.update(metadata={})
    assert rows(score) == {}

    mine.update(metadata={"score": 1})
    unit.delete()
    assert not IndexedValue.objects.exists()


def test_new_key__is_filled_with_what_was_there(
    birds: Folder, admin: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(value_index, "_UNITS_PER_BATCH", 2)
    units = make_units(birds, 5)
    for number, pk in enumerate(units[:-1], start=1):
        Unit.objects.filter(pk=pk).update(metadata={"score": number, "label": "owl"})
    Unit.objects.filter(pk=units[-1]).update(metadata={"score": "much", "label": "gull"})
    key = add_key(actor=actor_for(admin), name="score", type=KeyType.NUMBER)
    label = add_key(actor=actor_for(admin), name="label", type=KeyType.ENUM, values=["owl"])
    assert rows(key) == {}

    jobs = run_jobs()

    assert {job.state for job in jobs} == {"finished"}
    assert rows(key) == {**dict(zip(units, [1.0, 2.0, 3.0, 4.0], strict=False)), units[-1]: None}
    key.refresh_from_db()
    label.refresh_from_db()
    assert key.indexed_at is not None
    assert (key.misfits, label.misfits) == (1, 1)


def test_new_key__of_a_type_outside_of_the_index_counts_misfits(
    birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    given = ["a text", 5, None, "2b0c1e7a-0000-4000-8000-00000000abcd", "2B0C1E7A"]
    for value in given:
        UnitFactory.create(item__folder=birds, item__client_metadata={"text": value, "ring": value})
    text = add_key(actor=actor_for(admin), name="text", type=KeyType.VARCHAR)
    ring = add_key(actor=actor_for(admin), name="ring", type=KeyType.UUID)

    run_jobs()

    text.refresh_from_db()
    ring.refresh_from_db()
    assert (text.misfits, ring.misfits) == (1, 3)
    assert not IndexedValue.objects.exists()


def test_deleted_key__leaves_no_rows_and_comes_back_with_them(
    birds: Folder, score: MetadataKey, admin: User, actor_for: ActorFor
) -> None:
    unit = UnitFactory.create(item__folder=birds, item__client_metadata={"score": 3})

    delete_key(actor=actor_for(admin), key=score)
    run_jobs()
    assert rows(score) == {}
    Unit.objects.filter(pk=unit.pk).update(metadata={"score": 4})

    restore_key(actor=actor_for(admin), key=score)
    run_jobs()
    assert rows(score) == {unit.pk: 4.0}


def test_another_type__is_indexed_anew_and_counts_what_does_not_fit(
    birds: Folder, score: MetadataKey, admin: User, actor_for: ActorFor
) -> None:
    number = UnitFactory.create(item__folder=birds, item__client_metadata={"score": 3})
    moment = UnitFactory.create(item__folder=birds, item__client_metadata={"score": "2026-01-01"})

    key = edit_key(actor=actor_for(admin), key=score, type=KeyType.DATETIME)
    assert (key.indexed_at, key.misfits) == (None, None)
    run_jobs()

    found = rows(score)
    assert found[number.pk] is None
    assert found[moment.pk].year == 2026
    key.refresh_from_db()
    assert key.misfits == 1
    # Nothing was lost: the values fit again.
    edit_key(actor=actor_for(admin), key=key, type=KeyType.NUMBER)
    run_jobs()
    assert rows(score) == {number.pk: 3.0, moment.pk: None}


def test_index_values__goes_on_behind_the_last_batch(
    birds: Folder, admin: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(value_index, "_UNITS_PER_BATCH", 2)
    units = make_units(birds, 6)
    Unit.objects.filter(pk__in=units).update(metadata={"score": 1})
    key = add_key(actor=actor_for(admin), name="score", type=KeyType.NUMBER)
    job = Job.objects.get(kind=value_index.JOB_KIND)
    run = JobRun(row=job, token=job.pk)
    monkeypatch.setattr(run, "check", _stop_at(run, 4))
    with pytest.raises(KeyboardInterrupt):
        value_index.index_values(run)
    assert len(rows(key)) == 4
    # What the first run entered is not looked at again.
    IndexedValue.objects.filter(unit_id=units[0]).delete()

    value_index.index_values(JobRun(row=job, token=job.pk))

    assert sorted(rows(key)) == units[1:]
    key.refresh_from_db()
    assert key.indexed_at is not None


def _stop_at(run: JobRun, done: int) -> Callable[[], None]:
    def check() -> None:
        if run.row.done == done:
            raise KeyboardInterrupt

    return check


def test_settle__leaves_a_key_that_changed_meanwhile_to_the_next_job(
    birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(admin), name="score", type=KeyType.NUMBER)
    edit_key(actor=actor_for(admin), key=key, type=KeyType.TEXT)

    assert not value_index._settle(key, 0)

    key.refresh_from_db()
    assert key.indexed_at is None


@pytest.mark.django_db(transaction=True)
def test_writers_from_before_the_key__are_waited_for(
    birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    """An import wrote units before the key was there, and is committed after it."""
    with writers(2) as (importer, worker):
        importer.begin()
        unit = importer.do(
            lambda: UnitFactory.create(item__folder=birds, item__client_metadata={"score": 7}).pk
        )
        with transaction.atomic():
            key = add_key(actor=actor_for(admin), name="score", type=KeyType.NUMBER)
        job = Job.objects.get(kind=value_index.JOB_KIND)
        run = JobRun(row=job, token=job.pk)

        working = worker.start(lambda: value_index.index_values(run))
        while run.row.step != "Waiting for imports that are under way":
            assert not working.done()
        importer.commit()

        assert working.result(timeout=20) == {"keys": 1}
    assert rows(key) == {unit: 7.0}


@pytest.mark.timeout(60)
def test_writers__are_seen_to_end_inside_a_transaction(
    score: MetadataKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL repeats to a transaction what it first told of others, unless asked anew."""
    MetadataKey.objects.filter(pk=score.pk).update(indexed_at=None)
    job = Job.objects.get(kind=value_index.JOB_KIND)
    pauses = []
    with writers(1) as [importer]:
        importer.begin()
        importer.do(_write_something)

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            importer.commit()

        monkeypatch.setattr(value_index, "time", SimpleNamespace(sleep=pause))

        assert value_index.index_values(JobRun(row=job, token=job.pk)) == {"keys": 1}
    assert len(pauses) == 1


def _write_something() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


@pytest.mark.django_db(transaction=True)
def test_units_under_change__make_the_job_wait_and_never_the_writer(
    birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    """A value is taken away, uncommitted, while the job enters what was there before."""
    unit = UnitFactory.create(item__folder=birds, item__client_metadata={"score": 7})
    key = add_key(actor=actor_for(admin), name="score", type=KeyType.NUMBER)
    job = Job.objects.get(kind=value_index.JOB_KIND)
    run = JobRun(row=job, token=job.pk)
    with writers(2) as (editor, worker):
        editor.begin()
        editor.do(lambda: Unit.objects.filter(pk=unit.pk).update(metadata={}))
        value = value_index._wait_for_earlier_writers
        value_index._wait_for_earlier_writers = lambda run: None
        try:
            working = worker.start(lambda: value_index.index_values(run))
            while run.row.step != "Waiting for imports that are under way":
                assert not working.done()
        finally:
            value_index._wait_for_earlier_writers = value
        editor.commit()
        assert working.result(timeout=20) == {"keys": 1}
    assert rows(key) == {}


def test_triggers__read_moments_as_utc_whatever_the_session_says(
    birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    key = add_key(actor=actor_for(admin), name="seen", type=KeyType.DATETIME)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone TO 'Asia/Tokyo'")
    UnitFactory.create(item__folder=birds, item__client_metadata={"seen": "2026-01-01T00:00:00"})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone TO 'UTC'")

    [moment] = rows(key).values()

    assert moment.isoformat() == "2026-01-01T00:00:00+00:00"


def test_jobs_of_another_organisation__leave_its_keys_alone(
    birds: Folder, score: MetadataKey, outsider: User, actor_for: ActorFor
) -> None:
    MembershipFactory.create()
    MetadataKey.objects.update(indexed_at=None)

    add_key(actor=actor_for(outsider), name="size", type=KeyType.NUMBER)
    run_jobs()

    score.refresh_from_db()
    assert score.indexed_at is None
