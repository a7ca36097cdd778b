"""The one service that writes vectors."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.errors import InvalidInput
from embeddings.models import Vector, VectorChange, VectorSet
from embeddings.services import staging
from embeddings.services.vectors import (
    VectorBatch,
    delete_vectors,
    forget_units,
    move_vectors,
    write_batches,
    write_vectors,
)
from folders.choices import KeyType
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, make_units, put, stored
from tests.factories import EmbeddingKeyFactory


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=3)


def history(key: MetadataKey, root: Folder) -> list[tuple[int, int, bool]]:
    """(revision, unit, removed) of a set, in order."""
    changes = VectorChange.objects.filter(vector_set__key=key, vector_set__root=root)
    return sorted(changes.values_list("revision", "unit_id", "removed"))


def revision(key: MetadataKey, root: Folder) -> int:
    return VectorSet.objects.get(key=key, root=root).revision


def matrix(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def test_write_vectors__stores_values_norm_root_and_history(
    birds: Folder, night: Folder, key: MetadataKey
) -> None:
    (above,), (below,) = make_units(birds, 1), make_units(night, 1)

    report = write_vectors(
        key=key, unit_ids=np.array([below, above]), values=matrix([3, 4, 0], [0, 0, 0])
    )

    assert report.written == 2
    assert {unit: vector.tolist() for unit, vector in stored(key).items()} == {
        below: [3, 4, 0],
        above: [0, 0, 0],
    }
    rows = Vector.objects.filter(key=key).values_list("unit_id", "norm", "root_id")
    assert set(rows) == {(below, 5.0, birds.pk), (above, 0.0, birds.pk)}
    assert revision(key, birds) == 1
    assert history(key, birds) == [(1, above, False), (1, below, False)]


def test_write_vectors__float32_comes_back_bit_for_bit(birds: Folder) -> None:
    key = make_key(birds, dimensions=6)
    (unit,) = make_units(birds, 1)
    sent = np.array([[0.1, -0.0, 1e-45, 3.4028235e38, -1.17549435e-38, 1 / 3]], dtype=np.float32)

    write_vectors(key=key, unit_ids=np.array([unit]), values=sent)

    assert stored(key)[unit].tobytes() == sent.tobytes()


@pytest.mark.parametrize("dimensions", [1, 2000, 2001, 4096])
def test_write_vectors__every_size(dimensions: int, birds: Folder) -> None:
    key = make_key(birds, dimensions=dimensions)
    units = make_units(birds, 3)
    sent = np.random.default_rng(1).standard_normal((3, dimensions)).astype(np.float32)

    write_vectors(key=key, unit_ids=np.array(units), values=sent)

    assert [stored(key)[unit].tobytes() for unit in units] == [row.tobytes() for row in sent]


def test_write_vectors__replaces_present_ones(birds: Folder, key: MetadataKey) -> None:
    first, second = make_units(birds, 2)
    put(key, {first: [1, 1, 1], second: [2, 2, 2]})

    put(key, {first: [9, 9, 9]})

    assert stored(key)[first].tolist() == [9, 9, 9]
    assert stored(key)[second].tolist() == [2, 2, 2]
    assert history(key, birds)[-1] == (2, first, False)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_write_vectors__refuses_what_is_not_finite_and_writes_nothing(
    bad: float, birds: Folder, key: MetadataKey
) -> None:
    units = make_units(birds, 3)
    values = np.ones((3, 3), dtype=np.float32)
    values[1, 2] = bad

    with pytest.raises(InvalidInput) as refusal:
        write_vectors(key=key, unit_ids=np.array(units), values=values)

    (error,) = refusal.value.errors
    assert (error.path, error.code) == (f"unit {units[1]}.2", "not_finite")
    assert not Vector.objects.exists()
    assert not VectorSet.objects.exists()


def test_write_vectors__refuses_another_size(birds: Folder, key: MetadataKey) -> None:
    (unit,) = make_units(birds, 1)

    with pytest.raises(InvalidInput) as refusal:
        write_vectors(key=key, unit_ids=np.array([unit]), values=matrix([1, 2]))

    (error,) = refusal.value.errors
    assert (error.expected, error.found) == ("3 numbers", "2 numbers")


def test_write_vectors__refuses_one_unit_twice_also_across_batches(
    birds: Folder, key: MetadataKey
) -> None:
    (unit,) = make_units(birds, 1)
    once = VectorBatch(key=key, unit_ids=np.array([unit]), values=matrix([1, 2, 3]))

    with pytest.raises(InvalidInput) as refusal:
        write_batches([once, once])

    assert refusal.value.errors[0].code == "repeated"
    assert not Vector.objects.exists()


def test_write_vectors__refuses_units_that_are_not_there_or_not_ours(
    birds: Folder, key: MetadataKey, other_organisation: object
) -> None:
    (unit,) = make_units(birds, 1)
    foreign: MetadataKey = EmbeddingKeyFactory.create(organisation=other_organisation)

    for wrong_key, unit_ids in ((key, [unit, 10**12]), (foreign, [unit])):
        values = np.ones((len(unit_ids), 3), dtype=np.float32)
        with pytest.raises(InvalidInput) as refusal:
            write_vectors(key=wrong_key, unit_ids=np.array(unit_ids), values=values)
        assert refusal.value.code == "unknown_unit"

    assert not Vector.objects.exists()


def test_write_vectors__refuses_keys_that_hold_no_vectors(birds: Folder, key: MetadataKey) -> None:
    (unit,) = make_units(birds, 1)
    key.deleted_at = birds.created_at
    number = EmbeddingKeyFactory.create(
        organisation=birds.organisation, type=KeyType.NUMBER, dimensions=None
    )

    for wrong in (key, number):
        with pytest.raises(InvalidInput) as refusal:
            put(wrong, {unit: [1, 2, 3]})
        assert refusal.value.code == "wrong_key"


def test_write_vectors__first_vector_gives_a_key_its_size(birds: Folder) -> None:
    key = make_key(birds, dimensions=None)
    first, second = make_units(birds, 2)

    put(key, {first: [1, 2, 3, 4]})

    key.refresh_from_db()
    assert key.dimensions == 4
    with pytest.raises(InvalidInput):
        put(make_stale(key), {second: [1, 2]})
    with pytest.raises(InvalidInput):
        put(key, {second: [1, 2]})


def make_stale(key: MetadataKey) -> MetadataKey:
    """The key as somebody read it before it had a size."""
    stale = MetadataKey.objects.get(pk=key.pk)
    stale.dimensions = None
    return stale


def test_write_vectors__nothing_to_write(birds: Folder, key: MetadataKey) -> None:
    report = write_vectors(
        key=key, unit_ids=np.empty(0, dtype=np.int64), values=np.empty((0, 3), dtype=np.float32)
    )

    assert (report.written, report.revisions) == (0, {})
    assert write_batches([]).written == 0


def test_write_batches__several_keys_sizes_and_roots_in_one_go(
    birds: Folder, boats: Folder, key: MetadataKey
) -> None:
    large = make_key(birds, dimensions=3000)
    (bird,), (boat,) = make_units(birds, 1), make_units(boats, 1)

    def batches() -> Iterator[VectorBatch]:
        yield VectorBatch(key=key, unit_ids=np.array([bird]), values=matrix([1, 2, 3]))
        ones = np.ones((2, 3000), dtype=np.float32)
        yield VectorBatch(key=large, unit_ids=np.array([bird, boat]), values=ones)
        yield VectorBatch(key=key, unit_ids=np.array([boat]), values=matrix([4, 5, 6]))

    report = write_batches(batches())

    assert report.written == 4
    assert {name: raised.number for name, raised in report.revisions.items()} == {
        (root.pk, each.pk): 1 for root in (birds, boats) for each in (key, large)
    }
    assert stored(key)[boat].tolist() == [4, 5, 6]
    assert history(large, boats) == [(1, boat, False)]


def test_copy_rows__memory_is_bounded_by_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "COPY_CHUNK_BYTES", 1000)
    values = np.ones((100, 30), dtype=np.float32)

    chunks = list(staging.copy_rows(7, np.arange(100), values))

    assert max(map(len, chunks)) <= 1000
    assert sum(map(len, chunks)) == 100 * staging.row_layout(30).itemsize


def test_delete_vectors__leaves_units_and_writes_history(birds: Folder, key: MetadataKey) -> None:
    first, second, bare = make_units(birds, 3)
    put(key, {first: [1, 1, 1], second: [2, 2, 2]})

    assert delete_vectors(key=key, unit_ids=[first, bare, first, 10**12]) == 1
    assert delete_vectors(key=key, unit_ids=[first]) == 0
    assert delete_vectors(key=key, unit_ids=[]) == 0

    assert list(stored(key)) == [second]
    assert Unit.objects.count() == 3
    assert history(key, birds)[2:] == [(2, first, True)]
    assert revision(key, birds) == 2


def test_forget_units__takes_every_key_once(birds: Folder, key: MetadataKey) -> None:
    other = make_key(birds, dimensions=1)
    units = make_units(birds, 3)
    put(key, {unit: [1, 2, 3] for unit in units})
    put(other, {units[0]: [1]})

    assert forget_units(units[:2]) == 3
    Unit.objects.filter(pk__in=units[:2]).delete()

    assert list(stored(key)) == units[2:]
    assert stored(other) == {}
    assert history(key, birds)[3:] == [(2, units[0], True), (2, units[1], True)]
    assert revision(other, birds) == 2


def test_move_vectors__gone_there_and_new_here(
    birds: Folder, boats: Folder, key: MetadataKey
) -> None:
    staying, moving = make_units(birds, 2)
    put(key, {staying: [1, 1, 1], moving: [2, 2, 2]})
    Unit.objects.filter(pk=moving).update(root=boats, folder=boats)

    assert move_vectors([moving], birds.pk, boats.pk) == 1
    assert move_vectors([moving], birds.pk, boats.pk) == 0

    roots = dict(Vector.objects.filter(key=key).values_list("unit_id", "root_id"))
    assert roots == {staying: birds.pk, moving: boats.pk}
    assert (2, moving, True) in history(key, birds)
    assert history(key, boats) == [(1, moving, False)]


@pytest.mark.parametrize("by", ["units", "items", "folder", "organisation"])
def test_deletion_of_units__removes_vectors_and_is_written_down(
    by: str, birds: Folder, boats: Folder, key: MetadataKey
) -> None:
    bird_units, boat_units = make_units(birds, 2), make_units(boats, 1)
    put(key, {unit: [1, 2, 3] for unit in bird_units + boat_units})

    if by == "units":
        Unit.objects.filter(root=birds).delete()
    elif by == "items":
        birds.items.all().delete()
    elif by == "folder":
        birds.delete()
    else:
        birds.organisation.delete()

    left = [] if by == "organisation" else boat_units
    assert list(stored(key)) == left
    if by in ("units", "items"):
        assert history(key, birds)[2:] == [(2, unit, True) for unit in bird_units]
        assert history(key, boats) == [(1, boat_units[0], False)]
