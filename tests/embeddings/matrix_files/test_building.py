"""Files of vector sets: made, appended, made anew, and never believed when they are not ours."""

import os
from datetime import timedelta

import numpy as np
import pytest
from django.conf import LazySettings
from django.db import connection

from embeddings.matrix_files import building, open_matrix, source
from embeddings.matrix_files.background import Wish, fulfil
from embeddings.matrix_files.budget import keep_within_budget
from embeddings.matrix_files.folders import locked, set_folder
from embeddings.matrix_files.manifest import NAME
from embeddings.matrix_files.store import MatrixStore
from embeddings.models import VectorChange, VectorSet
from embeddings.services.vectors import delete_vectors, forget_units, move_vectors
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.matrix_files.sets import content, in_table, make_file
from tests.embeddings.worlds import make_key, make_units, put

COUNT = 30


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


@pytest.fixture
def units(birds: Folder, key: MetadataKey) -> list[int]:
    """Units with a vector each."""
    units = make_units(birds, COUNT)
    put(key, {unit: [number, 1.5] for number, unit in enumerate(units)})
    return units


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of eight rows and pages of three, so that thirty units need several."""
    monkeypatch.setattr(building, "SEGMENT_ROWS", 8)
    monkeypatch.setattr(building, "_SMALL_SEGMENT_ROWS", 4)
    monkeypatch.setattr(source, "_PAGE_BYTES", 3 * 2 * 4)


@pytest.mark.usefixtures("_small")
def test_build__holds_every_vector_in_the_order_of_units(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    matrix = make_file(birds, key)

    assert matrix.unit_ids.tolist() == units
    assert content(matrix) == in_table(birds, key)
    assert [len(segment.unit_ids) for segment in matrix.segments] == [8, 8, 8, 6]
    assert np.allclose(matrix.norms, np.linalg.norm(matrix.rows(matrix.order), axis=1))
    assert matrix.revision == VectorSet.objects.get(key=key).revision == 1


@pytest.mark.usefixtures("_small")
def test_append__takes_in_what_changed(birds: Folder, key: MetadataKey, units: list[int]) -> None:
    before = make_file(birds, key)
    added = make_units(birds, 2)
    put(key, {units[3]: [9, 9], units[29]: [8, 8], added[0]: [7, 7], added[1]: [6, 6]})
    delete_vectors(key=key, unit_ids=[units[4], added[1]])

    after = make_file(birds, key)

    assert content(after) == in_table(birds, key)
    # Whole segments stay as they are; the small one at the end is taken into the new one.
    assert [part.name for part in after.manifest.parts[:3]] == [
        part.name for part in before.manifest.parts[:3]
    ]
    assert after.revision == 3
    assert after.manifest.appended_at is not None
    assert after.alive.sum() == COUNT
    # Who has opened the former file goes on reading it.
    assert len(content(before)) == COUNT
    names = {path.name for path in set_folder(birds.pk, key.pk).glob("*.rows")}
    assert names == {part.name for part in after.manifest.parts}


@pytest.mark.usefixtures("_small")
def test_append__beyond_a_fifth_of_dead_rows_the_file_is_made_anew(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    make_file(birds, key)
    put(key, {unit: [5, 5] for unit in units[:6]})
    assert (~make_file(birds, key).alive).any()

    put(key, {unit: [5, 5] for unit in units[6:8]})
    matrix = make_file(birds, key)

    assert matrix.everything_alive
    assert matrix.manifest.appended_at is None
    assert content(matrix) == in_table(birds, key)


def test_append__many_times_keeps_few_segments(
    birds: Folder, key: MetadataKey, units: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "MAX_DEAD_SHARE", 1.0)
    for number, unit in enumerate(units):
        put(key, {unit: [number, number]})
        matrix = make_file(birds, key)
        assert content(matrix) == in_table(birds, key)

    assert len(matrix.segments) == 1


def test_file__follows_units_that_move_or_go(
    birds: Folder, boats: Folder, key: MetadataKey, units: list[int]
) -> None:
    make_file(birds, key)
    Unit.objects.filter(pk__in=units[:3]).update(root=boats, folder=boats)
    move_vectors(units[:3], birds.pk, boats.pk)
    forget_units(units[3:4])
    Unit.objects.filter(pk__in=units[4:6]).delete()

    there, here = make_file(boats, key), make_file(birds, key)

    assert sorted(content(there)) == units[:3]
    assert sorted(content(here)) == units[6:]


def test_file__of_a_set_that_lost_everything_is_empty(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    make_file(birds, key)
    delete_vectors(key=key, unit_ids=units)

    assert content(make_file(birds, key)) == {}
    assert open_matrix(root_id=birds.pk, key=key) is None


def test_file__is_not_made_where_there_never_was_a_vector(birds: Folder, key: MetadataKey) -> None:
    assert not fulfil(Wish(birds.pk, key.pk, 2))
    assert not set_folder(birds.pk, key.pk).exists()


def test_file__of_a_restored_database_is_made_anew(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    """Revision 2 of the file and revision 2 of the database are different changes."""
    put(key, {units[0]: [1, 2]})
    make_file(birds, key)
    # As after a restored backup of revision 1, and another change at another time.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE embeddings_vector SET value = '[3,4]' WHERE unit_id = %s", [units[1]]
        )
    VectorChange.objects.filter(revision=2).delete()
    at = VectorChange.objects.filter(revision=1).values_list("at", flat=True)[0]
    VectorChange.objects.create(
        vector_set=VectorSet.objects.get(key=key), revision=2, unit_id=units[1]
    )
    VectorChange.objects.filter(revision=2).update(at=at + timedelta(seconds=1))

    matrix = make_file(birds, key)

    assert content(matrix)[units[1]] == [3, 4]
    assert content(matrix) == in_table(birds, key)


def test_file__from_later_than_the_database_is_made_anew(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    put(key, {units[0]: [1, 2]})
    make_file(birds, key)
    VectorChange.objects.filter(revision=2).delete()
    VectorSet.objects.filter(key=key).update(revision=1)

    assert make_file(birds, key).revision == 1


@pytest.mark.parametrize("damage", ["manifest", "segment missing", "segment cut", "data"])
def test_file__that_is_damaged_is_thrown_away_and_made_again(
    damage: str, birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    make_file(birds, key)
    folder = set_folder(birds.pk, key.pk)
    (segment,) = folder.glob("*.rows")
    if damage == "manifest":
        text = (folder / NAME).read_text()
        (folder / NAME).write_text(text.replace('"revision": 1', '"revision": 2'))
    elif damage == "segment missing":
        segment.unlink()
    elif damage == "segment cut":
        segment.write_bytes(segment.read_bytes()[:-1])
    else:
        data = bytearray(segment.read_bytes())
        data[4096] ^= 1
        segment.write_bytes(data)
        (folder / "checked").unlink()

    if damage == "data":
        assert not fulfil(Wish(birds.pk, key.pk, 2))
    else:
        assert MatrixStore().find(birds.pk, key.pk) is None
    assert not folder.exists()
    assert content(make_file(birds, key)) == in_table(birds, key)


def test_store__maps_a_file_once_and_notices_a_new_one(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    store = MatrixStore()
    assert store.find(birds.pk, key.pk) is None
    make_file(birds, key)

    first = store.find(birds.pk, key.pk)
    assert first is not None
    assert store.find(birds.pk, key.pk) is first

    put(key, {units[0]: [4, 4]})
    make_file(birds, key)
    second = store.find(birds.pk, key.pk)
    assert second is not None
    assert (first.revision, second.revision) == (1, 2)


def test_build__is_left_to_whoever_holds_the_lock(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    with locked(set_folder(birds.pk, key.pk), wait=False) as held:
        assert held
        assert not fulfil(Wish(birds.pk, key.pk, 2))
    assert fulfil(Wish(birds.pk, key.pk, 2))


def test_budget__drops_what_was_used_least_lately(
    birds: Folder, boats: Folder, units: list[int], key: MetadataKey, settings: LazySettings
) -> None:
    keys = [key, make_key(birds, dimensions=2), make_key(birds, dimensions=2)]
    folders = []
    for age, one in enumerate(keys):
        put(one, {units[0]: [1, 1]})
        make_file(birds, one)
        folders.append(set_folder(birds.pk, one.pk))
        used = folders[-1] / "used"
        used.touch()
        # The first was used last.
        os.utime(used, (1_000_000 - age, 1_000_000 - age))
    settings.MATRIX_DISK_MB = 0

    removed = keep_within_budget(folders[1])

    assert removed == [folders[2], folders[0]]
    assert folders[1].exists()


def test_budget__no_file_is_made_that_would_not_fit(
    birds: Folder, key: MetadataKey, units: list[int], settings: LazySettings
) -> None:
    settings.MATRIX_DISK_MB = 0

    assert not fulfil(Wish(birds.pk, key.pk, 2))
    assert open_matrix(root_id=birds.pk, key=key) is None


def test_budget__drops_files_of_sets_that_are_gone(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    other = make_key(birds, dimensions=2)
    put(other, {units[0]: [1, 1]})
    make_file(birds, other)
    VectorSet.objects.filter(key=other).delete()

    make_file(birds, key)

    assert not set_folder(birds.pk, other.pk).exists()
    assert set_folder(birds.pk, key.pk).exists()


@pytest.mark.usefixtures("_small")
def test_view__gives_all_vectors_in_the_order_of_units(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    make_file(birds, key)
    put(key, {units[3]: [9, 9], units[20]: [8, 8]})
    delete_vectors(key=key, unit_ids=[units[12]])

    view = open_matrix(root_id=birds.pk, key=key)

    assert view is not None
    assert (view.revision, view.dimensions) == (3, 2)
    expected = in_table(birds, key)
    assert view.unit_ids.tolist() == sorted(expected)
    rows = np.concatenate(list(view.blocks(5)))
    assert rows.tolist() == [expected[unit] for unit in view.unit_ids.tolist()]
    some = np.array([28, 0, 3, 3])
    assert view.rows(some).tolist() == rows[some].tolist()
    assert np.allclose(view.norms, np.linalg.norm(rows, axis=1))
