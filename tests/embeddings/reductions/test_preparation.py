"""Metrics as Euclidean distances."""

import numpy as np
import pytest

from embeddings.reductions.preparation import Metric, all_rows_equal, prepare


def distances(rows: np.ndarray) -> np.ndarray:
    """All pairwise Euclidean distances, float64 of shape (n, n)."""
    exact = rows.astype(np.float64)
    apart: np.ndarray = np.sqrt(np.square(exact[:, None] - exact[None]).sum(axis=2))
    return apart


def random_rows(count: int, dimensions: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(count, dimensions)).astype(np.float32)


def test_prepare__cosine_distance_becomes_half_the_square() -> None:
    rows = random_rows(20, 5) * np.arange(1, 21, dtype=np.float32)[:, None]
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    cosine = 1 - (rows.astype(np.float64) @ rows.T.astype(np.float64)) / np.outer(lengths, lengths)

    squares = distances(prepare(rows, "cosine")) ** 2

    # All are scaled by one factor.
    ratios = squares[cosine > 1e-3] / cosine[cosine > 1e-3]
    assert np.allclose(ratios, ratios[0], rtol=1e-4)


@pytest.mark.parametrize("metric", ["l2", "inner_product"])
def test_prepare__euclidean_distances_keep_their_proportions(metric: Metric) -> None:
    rows = random_rows(20, 5)
    before = distances(rows)

    after = distances(prepare(rows, metric))

    apart = before > 0
    ratios = after[apart] / before[apart]
    assert np.allclose(ratios, ratios[0], rtol=1e-4)
    assert np.abs(rows).max() == 1


@pytest.mark.parametrize("scale", [1e30, 1e-30])
@pytest.mark.parametrize("metric", ["cosine", "l2"])
def test_prepare__extreme_values_neither_overflow_nor_vanish(metric: Metric, scale: float) -> None:
    plain, extreme = random_rows(20, 5), random_rows(20, 5) * np.float32(scale)

    assert np.allclose(prepare(extreme, metric), prepare(plain, metric), atol=1e-5)


def test_prepare__small_differences_between_large_values_survive() -> None:
    rows = 1000 + np.arange(10, dtype=np.float32)[:, None] * np.float32(0.001)

    prepare(rows, "l2")

    assert len(np.unique(rows)) == 10
    assert np.abs(rows).max() == 1


def test_prepare__zero_rows_stay_finite() -> None:
    rows = np.array([[0, 0], [3, 4]], dtype=np.float32)

    assert np.isfinite(prepare(rows, "cosine")).all()


def test_prepare__refuses_vectors_without_dimensions() -> None:
    with pytest.raises(ValueError, match="at least one dimension"):
        prepare(np.empty((3, 0), dtype=np.float32), "cosine")


def test_all_rows_equal__also_beyond_the_first_chunk() -> None:
    rows = np.ones((5000, 3), dtype=np.float32)

    assert all_rows_equal(rows)
    assert all_rows_equal(rows[:1])
    assert all_rows_equal(rows[:0])
    rows[4999, 2] = 2
    assert not all_rows_equal(rows)
