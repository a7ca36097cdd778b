"""Two at once with the frames of one item, on real connections."""

import time
from concurrent.futures import Future
from functools import partial
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection
from collections_app.services.collections import create_collection
from collections_app.services.members import add_units
from core.errors import InvalidInput
from embeddings.services.addresses import UnitAddress
from embeddings.services.imports import VectorEntry, import_vectors
from embeddings.services.vectors import write_vectors
from folders.choices import ItemState
from folders.models import Folder, Item, MetadataKey, Unit
from folders.services.frame_times import probe_item
from folders.services.frames import sample_frames
from folders.services.imports import MetadataChange, update_metadata
from folders.services.locks import share_tree
from folders.services.processing import process_item
from tests.embeddings.connections import Writer, waits_for_a_lock, writers
from tests.embeddings.worlds import make_key, put, stored
from tests.folders.framed import frames_of, key_frames_of, make_video
from tests.folders.test_frames import ActorFor, config

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    return actor_for(editor)


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    key = make_key(birds, dimensions=2)
    # Its storage is made before anybody waits.
    put(key, {make_whole(birds): [1, 1]})
    return key


@pytest.fixture
def item(birds: Folder) -> Item:
    """30 frames at 10 a second; those of whole seconds are units."""
    item = make_video(birds, fps=10, duration=3)
    with transaction.atomic():
        sample_frames(item=item, probe=probe_item(item))
    return item


def make_whole(folder: Folder) -> int:
    return Unit.objects.get(item=make_video(folder, name="other.mp4")).pk


def unit_of(item: Item, frame: int) -> int:
    return Unit.objects.get(item=item, frame=frame).pk


def configure(writer: Writer, actor: Actor, item: Item, **metadata: Any) -> "Future[Any]":
    """Begin to write new metadata."""
    changes = [MetadataChange(item.pk, metadata)]
    return writer.start(lambda: update_metadata(actor=actor, changes=changes))


def blocked(future: "Future[Any]") -> "Future[Any]":
    """Wait until the step waits for a lock."""
    deadline = time.monotonic() + 20
    while not waits_for_a_lock():
        assert not future.done(), "the step went through instead of waiting"
        assert time.monotonic() < deadline, "the step neither ended nor waited"
        time.sleep(0.01)
    return future


@pytest.mark.parametrize("first_rate", [0, 10])
def test_configurations__of_two_imports_end_as_the_later_says(
    first_rate: int, actor: Actor, item: Item
) -> None:
    with writers(2) as (first, second):
        first.begin()
        second.begin()
        configure(first, actor, item, **config(first_rate)).result(timeout=20)
        later = blocked(configure(second, actor, item, **config(2), keyframes=[7]))
        first.commit()
        later.result(timeout=20)
        second.commit()

    assert frames_of(item) == [0, 5, 7, 10, 15, 20, 25]
    assert key_frames_of(item) == [7]
    item.refresh_from_db()
    assert item.client_metadata["$encord"]["config"] == {"sampling_rate": 2}


def test_configurations__a_mode_that_changed_meanwhile_renames_the_later_keys(
    actor: Actor, item: Item
) -> None:
    with writers(2) as (first, second):
        first.begin()
        second.begin()
        configure(first, actor, item, **config(1, "seconds")).result(timeout=20)
        later = blocked(configure(second, actor, item, **{"$encord": {"frames": {"13": {}}}}))
        first.commit()
        later.result(timeout=20)
        second.commit()

    item.refresh_from_db()
    # It was frame 13 that was meant, and is 1.3 s by now.
    assert item.client_metadata["$encord"]["frames"] == {"1.3": 13}


@pytest.mark.parametrize("config_first", [True, False])
def test_processing__ends_while_the_configuration_changes(
    config_first: bool, actor: Actor, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second sees what the first one wrote."""
    Item.objects.filter(pk=item.pk).update(state=ItemState.PROCESSING)

    def finish() -> None:
        # What a worker does once it has read the file.
        share_tree(item.organisation_id)
        waiting = Item.objects.filter(pk=item.pk, state=ItemState.PROCESSING)
        assert waiting.update(state=ItemState.READY)
        sample_frames(item=Item.objects.get(pk=item.pk), probe=probe_item(item))

    with writers(2) as (importer, worker):
        importer.begin()
        worker.begin()
        if config_first:
            configure(importer, actor, item, **config(2)).result(timeout=20)
            later = blocked(worker.start(finish))
            importer.commit()
            later.result(timeout=20)
            worker.commit()
        else:
            worker.do(finish)
            later = blocked(configure(importer, actor, item, **config(2)))
            worker.commit()
            later.result(timeout=20)
            importer.commit()

    assert frames_of(item) == [0, 5, 10, 15, 20, 25]
    item.refresh_from_db()
    assert item.state == ItemState.READY
    # It is not read a second time.
    assert process_item(item_id=item.pk) is None


def test_vector__written_for_a_unit_that_is_about_to_go_keeps_it(
    actor: Actor, item: Item, key: MetadataKey
) -> None:
    doomed = unit_of(item, 10)
    with writers(2) as (writer, importer):
        writer.begin()
        importer.begin()
        values = np.ones((1, 2), dtype=np.float32)
        writer.do(lambda: write_vectors(key=key, unit_ids=np.array([doomed]), values=values))
        later = blocked(configure(importer, actor, item, **config(0)))
        writer.commit()
        later.result(timeout=20)
        importer.commit()

    assert frames_of(item) == [0, 10]
    assert doomed in stored(key)


def test_vector__for_a_unit_that_has_just_gone_is_refused(
    actor: Actor, item: Item, key: MetadataKey
) -> None:
    doomed = unit_of(item, 10)
    with writers(2) as (importer, writer):
        importer.begin()
        writer.begin()
        configure(importer, actor, item, **config(0)).result(timeout=20)
        values = np.ones((1, 2), dtype=np.float32)
        later = blocked(
            writer.start(lambda: write_vectors(key=key, unit_ids=np.array([doomed]), values=values))
        )
        importer.commit()
        with pytest.raises(InvalidInput):
            later.result(timeout=20)
        writer.rollback()

    assert frames_of(item) == [0]
    assert doomed not in stored(key)


@pytest.mark.parametrize("config_first", [True, False])
def test_named_frame__gets_its_vector_whoever_comes_first(
    config_first: bool, birds: Folder, actor: Actor, item: Item, key: MetadataKey
) -> None:
    """A vector for frame 10 by its number: its unit stays, or is made anew, as a key frame."""
    entry = VectorEntry(UnitAddress(item=item.pk, frame=10), [1, 2])

    def write(writer: Writer) -> "Future[Any]":
        return writer.start(
            lambda: import_vectors(actor=actor, folder=birds, key_name=key.name, entries=[entry])
        )

    with writers(2) as (importer, writer):
        importer.begin()
        writer.begin()
        if config_first:
            configure(importer, actor, item, **config(0)).result(timeout=20)
            later = blocked(write(writer))
            importer.commit()
        else:
            write(writer).result(timeout=20)
            later = blocked(configure(importer, actor, item, **config(0)))
            writer.commit()
        if config_first:
            # The frame had a unit when its video would have been read: nothing was, and so the
            # import is refused rather than written for a unit that is gone.
            with pytest.raises(InvalidInput):
                later.result(timeout=20)
            writer.rollback()
            writer.begin()
            write(writer).result(timeout=20)
            writer.commit()
        else:
            later.result(timeout=20)
            importer.commit()

    assert frames_of(item) == [0, 10]
    assert key_frames_of(item) == [10]
    assert unit_of(item, 10) in stored(key)


@pytest.mark.parametrize("member_first", [True, False])
def test_collection__of_a_unit_that_is_about_to_go(
    member_first: bool, birds: Folder, actor: Actor, item: Item
) -> None:
    doomed = unit_of(item, 20)
    collection = create_collection(actor=actor, root=birds, name="Kept")

    def collect() -> Any:
        fresh = Collection.objects.get(pk=collection.pk)
        return add_units(actor=actor, collection=fresh, units=[doomed])

    with writers(2) as (importer, collector):
        importer.begin()
        collector.begin()
        if member_first:
            collector.do(collect)
            later = blocked(configure(importer, actor, item, **config(0)))
            collector.commit()
            later.result(timeout=20)
            importer.commit()
        else:
            configure(importer, actor, item, **config(0)).result(timeout=20)
            later = blocked(collector.start(collect))
            importer.commit()
            # A member must exist: whichever way this one ends, none is left behind.
            later.exception(timeout=20)
            collector.rollback()

    members = set(collection.members.values_list("unit", flat=True))
    assert frames_of(item) == ([0, 20] if member_first else [0])
    assert members == ({doomed} if member_first else set())


def test_many__imports_of_one_video_never_deadlock(
    birds: Folder, actor: Actor, item: Item, key: MetadataKey
) -> None:
    other = make_video(birds, name="b.mp4")
    connection.close()

    def work(turn: int) -> None:
        for step in range(6):
            both = [item, other] if (turn + step) % 2 else [other, item]
            metadata = {**config((turn + step) % 4), "keyframes": [step]}
            changes = [MetadataChange(each.pk, metadata) for each in both]
            update_metadata(actor=actor, changes=changes)

    with writers(3) as all_writers:
        running = [writer.start(partial(work, n)) for n, writer in enumerate(all_writers)]
        for each in running:
            each.result(timeout=120)

    for each_item in (item, other):
        each_item.refresh_from_db()
        rate = each_item.client_metadata["$encord"]["config"]["sampling_rate"]
        sampled = set(probe_item(each_item).sampled(rate))
        assert frames_of(each_item) == sorted(sampled | set(range(6)))
        assert key_frames_of(each_item) == list(range(6))
