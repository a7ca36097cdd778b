"""New layouts in the position of old ones."""

import numpy as np
import pytest

from embeddings.reductions.alignment import align, drift


def cloud(count: int, seed: int = 1) -> np.ndarray:
    points: np.ndarray = np.random.default_rng(seed).normal(size=(count, 2)) * [9, 3]
    return points


@pytest.mark.parametrize("mirrored", [1, -1])
def test_align__undoes_turning_mirroring_and_shifting(mirrored: int) -> None:
    old = cloud(60)
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]]) @ np.diag([1, mirrored])
    new = (old @ turn + [40, -7]).astype(np.float32)

    assert np.allclose(align(new, old), old, atol=1e-4)


def test_align__keeps_size_and_carries_points_along_that_are_new() -> None:
    old = cloud(60)
    places = old.copy()
    places[::5] = np.nan
    new = (3 * old @ np.array([[0, 1], [-1, 0]])).astype(np.float32)

    found = align(new, places)

    middle = old[np.isfinite(places).all(axis=1)].mean(axis=0)
    assert np.allclose(found, middle + 3 * (old - middle), atol=1e-4)


@pytest.mark.parametrize("known", [0, 1])
def test_align__without_anything_in_common_changes_nothing(known: int) -> None:
    new = cloud(5).astype(np.float32)
    places = np.full((5, 2), np.nan)
    places[:known] = 7

    assert (align(new, places) == new).all()


def test_drift__of_the_same_map_is_none_at_all() -> None:
    found = drift(cloud(50), cloud(50))

    assert found is not None
    assert (found.neighbours_kept, found.median_shift, found.shifts.max()) == (1, 0, 0)


def test_drift__says_who_moved_and_how_far() -> None:
    old = cloud(200)
    new = old.copy()
    new[17] += [np.ptp(old, axis=0).max() / 2, 0]

    found = drift(old, new)

    assert found is not None
    assert found.shifts.argmax() == 17
    assert found.shifts[17] == pytest.approx(0.5)
    assert found.median_shift == 0
    assert 0.9 < found.neighbours_kept < 1


def test_drift__of_an_unrelated_map_keeps_few_neighbours() -> None:
    found = drift(cloud(400), cloud(400, seed=2))

    assert found is not None
    assert found.neighbours_kept < 0.1


@pytest.mark.parametrize(("count", "said"), [(0, False), (1, False), (2, True), (3, True)])
def test_drift__of_few_points(count: int, said: bool) -> None:
    found = drift(cloud(count), cloud(count))

    assert (found is not None) == said
