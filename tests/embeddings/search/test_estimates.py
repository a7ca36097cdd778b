"""Limits of distances: the exact one always lies between them, and they are narrow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.search.distance import distances, norms
from embeddings.search.estimates import Estimator, is_extreme
from folders.choices import Metric

NUMBERS = st.one_of(
    st.floats(-10, 10, width=32),
    st.sampled_from([0.0, 1.0, -1.0, 1e-30, 1e-12, 1e15, 1e30, 3e38, 1.0000001]),
)


@pytest.mark.parametrize("metric", list(Metric))
@given(rows=st.lists(st.lists(NUMBERS, min_size=4, max_size=4), min_size=2, max_size=9))
def test_limits__hold_the_exact_distance(metric: Metric, rows: list[list[float]]) -> None:
    vectors = np.array(rows, dtype=np.float32)
    query, vectors = vectors[0], vectors[1:]
    lengths = norms(vectors)
    if metric == Metric.COSINE:
        vectors, lengths = vectors[lengths > 0], lengths[lengths > 0]
        if not query.any():
            return
    estimator = Estimator.of(query, metric)
    with np.errstate(all="ignore"):
        products = vectors @ estimator.query

    limits = estimator.limits(products, lengths)

    exact = distances(query, vectors, metric)
    assert (limits.lower <= exact).all()
    assert (exact <= limits.upper).all()
    unknown = np.isinf(limits.lower) & np.isinf(limits.upper)
    assert (unknown == is_extreme(lengths)).all()


@pytest.mark.parametrize("dimensions", [512, 4096])
@pytest.mark.parametrize("metric", list(Metric))
def test_limits__hold_the_exact_distance_of_long_vectors(metric: Metric, dimensions: int) -> None:
    generator = np.random.default_rng(11)
    # All of one sign: sums grow, and so do their errors.
    vectors = generator.random((2000, dimensions), dtype=np.float32) + np.float32(0.5)
    query = generator.random(dimensions, dtype=np.float32)
    estimator = Estimator.of(query, metric)

    products = (vectors @ estimator.query).astype(np.float32)

    limits = estimator.limits(products, norms(vectors))

    exact = distances(query, vectors, metric)
    assert (limits.lower <= exact).all()
    assert (exact <= limits.upper).all()
    width = (limits.upper - limits.lower).max()
    assert width < 1e-3 * max(1.0, np.abs(exact).max())
