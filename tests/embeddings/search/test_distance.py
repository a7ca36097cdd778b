"""The definition of distance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from embeddings.search.distance import distances, norms
from folders.choices import Metric


def row(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_cosine__right_angle_opposite_and_same() -> None:
    rows = np.array([[0, 2, 0], [-3, 0, 0], [5, 0, 0]], dtype=np.float32)

    assert distances(row(1, 0, 0), rows, Metric.COSINE).tolist() == [1.0, 2.0, 0.0]


def test_cosine__zero_vector_has_none() -> None:
    found = distances(row(1, 0), np.zeros((1, 2), dtype=np.float32), Metric.COSINE)

    assert np.isnan(found).all()


def test_l2__is_the_straight_line() -> None:
    rows = np.array([[3, 4], [0, 0]], dtype=np.float32)

    assert distances(row(0, 0), rows, Metric.L2).tolist() == [5.0, 0.0]


def test_inner_product__larger_product_is_nearer() -> None:
    rows = np.array([[1, 1], [2, 2], [0, 0]], dtype=np.float32)

    found = distances(row(1, 2), rows, Metric.INNER_PRODUCT)

    assert found.tolist() == [-3.0, -6.0, 0.0]
    assert not np.signbit(found[2])


@pytest.mark.parametrize("scale", [1e-40, 1e-20, 1.0, 1e20, 1e38])
def test_cosine__does_not_depend_on_length(scale: float) -> None:
    rows = np.array([[1, 0], [1, 1]], dtype=np.float32) * np.float32(scale)

    found = distances(row(1, 1), rows, Metric.COSINE)

    assert found == pytest.approx([1 - 2**-0.5, 0.0], abs=1e-4)


def test_norms__neither_overflow_nor_underflow() -> None:
    rows = np.array([[3e38, 3e38], [1e-45, 0], [3, 4]], dtype=np.float32)

    assert norms(rows) == pytest.approx([3e38 * 2**0.5, 1.4e-45, 5.0], rel=1e-2)


@settings(max_examples=60, deadline=None)
@given(
    vector=arrays.arrays(np.float32, st.integers(1, 600), elements=st.floats(-1e9, 1e9, width=32))
)
def test_cosine__of_a_vector_to_itself_is_exactly_zero(vector: np.ndarray) -> None:
    if not vector.any():
        return

    assert distances(vector, vector[np.newaxis], Metric.COSINE)[0] == 0.0


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("dimensions", [1, 2, 7, 8, 64, 127, 128, 129, 512, 1000, 4096])
def test_distances__do_not_depend_on_the_batch(metric: Metric, dimensions: int) -> None:
    generator = np.random.default_rng(dimensions)
    rows = generator.standard_normal((301, dimensions)).astype(np.float32)
    query = generator.standard_normal(dimensions).astype(np.float32)

    together = distances(query, rows, metric)
    alone = np.concatenate([distances(query, one[np.newaxis], metric) for one in rows])
    # Rows of a larger array do not lie one after the other in memory.
    strided = distances(query, rows[::3], metric)

    assert together.tolist() == alone.tolist()
    assert together[::3].tolist() == strided.tolist()
