"""What has changed since a file was written: read bit by bit, given up when it is too much."""

import pytest

from embeddings.matrix_files import lag as module
from embeddings.matrix_files.lag import LagReader, most_changes
from embeddings.models import VectorSet
from embeddings.services.vectors import delete_vectors
from folders.models import Folder
from tests.embeddings.matrix_files.sets import make_file
from tests.embeddings.worlds import make_key, make_units, put


def test_lag__adds_up(birds: Folder) -> None:
    key = make_key(birds, dimensions=2)
    units = make_units(birds, 5)
    put(key, {unit: [1, 2] for unit in units})
    matrix = make_file(birds, key)
    reader = LagReader()

    first = reader.read(matrix)
    put(key, {units[3]: [3, 3], units[1]: [4, 4]})
    second = reader.read(matrix)
    put(key, {units[1]: [5, 5]})
    delete_vectors(key=key, unit_ids=[units[3], units[4]])
    third = reader.read(matrix)

    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.revision, second.revision, third.revision) == (1, 2, 4)
    assert first.changed.tolist() == []
    assert second.changed.tolist() == [units[1], units[3]]
    assert second.fresh.values.tolist() == [[4, 4], [3, 3]]
    assert third.changed.tolist() == [units[1], units[3], units[4]]
    assert third.fresh.unit_ids.tolist() == [units[1]]
    assert third.fresh.values.tolist() == [[5, 5]]
    assert third.fresh.norms.tolist() == pytest.approx([50**0.5])


def test_lag__of_too_many_changes_is_given_up(
    birds: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_CHANGES", 3)
    key = make_key(birds, dimensions=2)
    units = make_units(birds, 5)
    put(key, {unit: [1, 2] for unit in units})
    matrix = make_file(birds, key)

    put(key, {unit: [3, 3] for unit in units[:3]})
    assert LagReader().read(matrix) is not None
    put(key, {units[4]: [3, 3]})
    assert LagReader().read(matrix) is None
    assert LagReader().read(make_file(birds, key)) is not None


def test_lag__of_a_set_that_was_made_anew_is_none(birds: Folder) -> None:
    key = make_key(birds, dimensions=2)
    units = make_units(birds, 2)
    put(key, {unit: [1, 2] for unit in units})
    matrix = make_file(birds, key)

    VectorSet.objects.filter(key=key).delete()
    assert LagReader().read(matrix) is None
    put(key, {unit: [2, 1] for unit in units})
    assert LagReader().read(matrix) is None


def test_most_changes__are_fewer_of_long_vectors() -> None:
    assert [most_changes(dimensions) for dimensions in (1, 512, 4096)] == [20_000, 20_000, 4096]
