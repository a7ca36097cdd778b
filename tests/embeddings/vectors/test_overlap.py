"""Transactions that overlap: revisions become visible in order, and nobody blocks for good.

Each writer is a thread with a connection of its own; readers look in between.
"""

import time
from concurrent.futures import Future
from functools import partial
from typing import Any

import numpy as np
import pytest

from core.errors import InvalidInput
from embeddings.models import Vector, VectorChange, VectorSet
from embeddings.services.partitions import ensure_partition
from embeddings.services.vectors import (
    delete_vectors,
    forget_units,
    move_vectors,
    write_vectors,
)
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.connections import Writer, waits_for_a_lock, writers
from tests.embeddings.worlds import make_key, make_units, put, stored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return key_with_partition(birds)


def key_with_partition(folder: Folder) -> MetadataKey:
    """A key as the schema makes it: no writer has to wait while another makes its storage."""
    key = make_key(folder, dimensions=2)
    ensure_partition(key_id=key.pk, dimensions=2)
    return key


def write(writer: Writer, key: MetadataKey, units: list[int], value: float) -> Future[Any]:
    """Begin a write; it may have to wait for another writer."""
    values = np.full((len(units), 2), value, dtype=np.float32)
    return writer.start(lambda: write_vectors(key=key, unit_ids=np.array(units), values=values))


def wait_until_blocked(future: Future[Any]) -> None:
    """Return when the step waits for a lock; fail when it does not have to."""
    deadline = time.monotonic() + 10
    while not waits_for_a_lock():
        assert not future.done(), "the step went through instead of waiting"
        assert time.monotonic() < deadline, "the step neither ended nor waited"
        time.sleep(0.01)


def visible(key: MetadataKey) -> tuple[int, list[int]]:
    """What a reader sees now: the set's revision, and the revisions in the history."""
    revision = VectorSet.objects.filter(key=key).values_list("revision", flat=True).first() or 0
    changes = VectorChange.objects.filter(vector_set__key=key).order_by("revision")
    return revision, list(changes.values_list("revision", flat=True).distinct())


def test_revisions__become_visible_in_order(birds: Folder, key: MetadataKey) -> None:
    units = make_units(birds, 3)
    put(key, {units[0]: [1, 1]})

    with writers(2) as (first, second):
        first.begin()
        second.begin()
        write(first, key, [units[1]], 1).result()
        later = write(second, key, [units[2]], 2)
        wait_until_blocked(later)
        assert visible(key) == (1, [1])

        first.commit()
        later.result(timeout=20)
        # The second has written revision 3, but has not committed it: readers see up to 2.
        assert visible(key) == (2, [1, 2])

        second.commit()
        assert visible(key) == (3, [1, 2, 3])

    changes = VectorChange.objects.order_by("revision").values_list("revision", "unit_id")
    assert list(changes) == [(1, units[0]), (2, units[1]), (3, units[2])]


def test_revisions__one_that_is_rolled_back_leaves_no_gap(birds: Folder, key: MetadataKey) -> None:
    units = make_units(birds, 2)

    with writers(2) as (first, second):
        first.begin()
        second.begin()
        write(first, key, [units[0]], 1).result()
        later = write(second, key, [units[1]], 2)
        wait_until_blocked(later)
        first.rollback()
        later.result(timeout=20)
        assert visible(key) == (0, [])
        second.commit()

    assert visible(key) == (1, [1])
    assert list(stored(key)) == [units[1]]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_sets__of_different_roots_commit_in_either_order(
    order: tuple[int, int], birds: Folder, boats: Folder, key: MetadataKey
) -> None:
    (bird,), (boat,) = make_units(birds, 1), make_units(boats, 1)

    with writers(2) as both:
        for writer, unit in zip(both, (bird, boat), strict=True):
            writer.begin()
            write(writer, key, [unit], 1).result(timeout=20)
        both[order[0]].commit()
        seen = set(Vector.objects.values_list("unit_id", flat=True))
        assert seen == {(bird, boat)[order[0]]}
        both[order[1]].commit()

    assert set(stored(key)) == {bird, boat}
    assert set(VectorSet.objects.values_list("revision", flat=True)) == {1}


@pytest.mark.parametrize("winner", [0, 1])
def test_first_vectors__of_different_length_one_wins(winner: int, birds: Folder) -> None:
    units = make_units(birds, 2)
    unsized = make_key(birds, dimensions=None)

    def write_first(writer: Writer, place: int) -> Future[Any]:
        values = np.ones((1, 3 + place), dtype=np.float32)
        unit_ids = np.array([units[place]])
        return writer.start(lambda: write_vectors(key=unsized, unit_ids=unit_ids, values=values))

    with writers(2) as both:
        for writer in both:
            writer.begin()
        write_first(both[winner], winner).result(timeout=20)
        other = write_first(both[1 - winner], 1 - winner)
        wait_until_blocked(other)
        both[winner].commit()
        with pytest.raises(InvalidInput) as refusal:
            other.result(timeout=20)
        both[1 - winner].rollback()

    unsized.refresh_from_db()
    assert unsized.dimensions == 3 + winner
    assert refusal.value.errors[0].code == "wrong_length"
    assert list(stored(unsized)) == [units[winner]]


def test_first_vectors__the_second_takes_over_when_the_first_is_rolled_back(birds: Folder) -> None:
    units = make_units(birds, 2)
    unsized = make_key(birds, dimensions=None)

    with writers(2) as (first, second):
        first.begin()
        second.begin()
        ones = np.ones((1, 3), dtype=np.float32)
        first.do(lambda: write_vectors(key=unsized, unit_ids=np.array(units[:1]), values=ones))
        other = write(second, unsized, units[1:], 1)
        wait_until_blocked(other)
        first.rollback()
        other.result(timeout=20)
        second.commit()

    unsized.refresh_from_db()
    assert unsized.dimensions == 2


@pytest.mark.parametrize("write_goes_first", [True, False])
def test_unit__deleted_while_its_vector_is_written(
    write_goes_first: bool, birds: Folder, key: MetadataKey
) -> None:
    doomed, other = make_units(birds, 2)
    put(key, {other: [1, 1]})

    with writers(2) as (writer, deleter):
        writer.begin()
        deleter.begin()

        def delete() -> Future[Any]:
            return deleter.start(lambda: Unit.objects.filter(pk=doomed).delete())

        if write_goes_first:
            write(writer, key, [doomed], 1).result(timeout=20)
            blocked = delete()
            wait_until_blocked(blocked)
            writer.commit()
            blocked.result(timeout=20)
            deleter.commit()
        else:
            delete().result(timeout=20)
            blocked = write(writer, key, [doomed], 1)
            wait_until_blocked(blocked)
            deleter.commit()
            with pytest.raises(InvalidInput):
                blocked.result(timeout=20)
            writer.rollback()

    assert list(stored(key)) == [other]
    changes = VectorChange.objects.filter(unit_id=doomed).order_by("revision")
    expected = [False, True] if write_goes_first else []
    assert list(changes.values_list("removed", flat=True)) == expected


@pytest.mark.parametrize("write_goes_first", [True, False])
def test_unit__moved_while_its_vector_is_written(
    write_goes_first: bool, birds: Folder, boats: Folder, key: MetadataKey
) -> None:
    (unit,) = make_units(birds, 1)

    def move() -> int:
        Unit.objects.filter(pk=unit).update(root=boats, folder=boats)
        return move_vectors([unit], birds.pk, boats.pk)

    with writers(2) as (writer, mover):
        writer.begin()
        mover.begin()
        if write_goes_first:
            write(writer, key, [unit], 1).result(timeout=20)
            blocked = mover.start(move)
            wait_until_blocked(blocked)
            writer.commit()
            assert blocked.result(timeout=20) == 1
            mover.commit()
        else:
            assert mover.do(move) == 0
            later = write(writer, key, [unit], 1)
            wait_until_blocked(later)
            mover.commit()
            later.result(timeout=20)
            writer.commit()

    assert list(Vector.objects.values_list("unit_id", "root_id")) == [(unit, boats.pk)]
    history = VectorChange.objects.filter(vector_set__root=boats).values_list("removed", flat=True)
    assert list(history) == [False]


def test_writers__of_the_same_units_and_sets_in_any_order_never_deadlock(
    birds: Folder, boats: Folder, key: MetadataKey
) -> None:
    other = key_with_partition(birds)
    units = make_units(birds, 10) + make_units(boats, 10)
    rounds = 12

    def work(turn: int) -> None:
        chosen = units if turn % 2 else units[::-1]
        for step in range(rounds):
            values = np.full((len(chosen), 2), step, dtype=np.float32)
            write_vectors(
                key=(key, other)[(turn + step) % 2], unit_ids=np.array(chosen), values=values
            )
            delete_vectors(key=(key, other)[turn % 2], unit_ids=chosen[step : step + 5])
            forget_units(chosen[-step - 1 :])

    with writers(4) as all_writers:
        running = [writer.start(partial(work, turn)) for turn, writer in enumerate(all_writers)]
        for each in running:
            each.result(timeout=120)

    for vector_set in VectorSet.objects.all():
        revisions = VectorChange.objects.filter(vector_set=vector_set).values_list("revision")
        assert max(revisions)[0] <= vector_set.revision
    assert replayed(key) == set(stored(key))
    assert replayed(other) == set(stored(other))


def replayed(key: MetadataKey) -> set[int]:
    """The units that have a vector, from the history alone."""
    last: dict[int, bool] = {}
    for vector_set in VectorSet.objects.filter(key=key):
        changes = VectorChange.objects.filter(vector_set=vector_set).order_by("revision")
        last |= dict(changes.values_list("unit_id", "removed"))
    return {unit for unit, removed in last.items() if not removed}
