"""Old changes are forgotten, and nobody takes what is left for all of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from embeddings.matrix_files import building
from embeddings.matrix_files.lag import LagReader
from embeddings.models import VectorChange, VectorSet
from embeddings.services import history
from embeddings.services.history import prune_history
from folders.models import Folder, MetadataKey
from tests.embeddings.matrix_files.sets import content, in_table, make_file
from tests.embeddings.worlds import make_key, make_units, put


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


@pytest.fixture
def units(birds: Folder, key: MetadataKey) -> list[int]:
    """Units with vectors: revision 1, of three units, and revision 2, of two of them."""
    units = make_units(birds, 3)
    put(key, {unit: [1, 1] for unit in units})
    put(key, {unit: [2, 2] for unit in units[1:]})
    return units


def age(revision: int, days: int) -> None:
    """Make the changes up to a revision so old."""
    at = timezone.now() - timedelta(days=days) + timedelta(seconds=revision)
    VectorChange.objects.filter(revision__lte=revision).update(at=at)


def test_prune__leaves_the_last_week_and_one_change_before(
    key: MetadataKey, units: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_CHANGES_PER_BATCH", 1)
    put(key, {units[0]: [3, 3]})
    assert prune_history() == 0
    age(2, days=8)

    assert prune_history() == 4
    assert prune_history() == 0

    kept = VectorChange.objects.order_by("revision").values_list("revision", "unit_id")
    assert list(kept) == [(2, units[1]), (3, units[0])]
    assert VectorSet.objects.get(key=key).history_from == 2


def test_prune__a_file_that_is_far_enough_goes_on(
    birds: Folder, key: MetadataKey, units: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "MAX_DEAD_SHARE", 1.0)
    age(2, days=8)
    matrix = make_file(birds, key)
    prune_history()
    put(key, {units[0]: [3, 3]})

    lag = LagReader().read(matrix)
    assert lag is not None
    assert lag.changed.tolist() == [units[0]]
    appended = make_file(birds, key)
    assert appended.manifest.appended_at is not None
    assert content(appended) == in_table(birds, key)


def test_prune__a_file_that_is_too_old_is_made_anew(
    birds: Folder, key: MetadataKey, units: list[int]
) -> None:
    matrix = make_file(birds, key)
    put(key, {units[2]: [4, 4]})
    put(key, {units[0]: [3, 3]})
    age(3, days=8)
    # What is left by now would make a lag that lacks a change.
    prune_history()

    assert LagReader().read(matrix) is None
    anew = make_file(birds, key)
    assert anew.manifest.appended_at is None
    assert content(anew) == in_table(birds, key)
