"""Half precision holds what vectors of any size need for finding neighbours."""

import numpy as np
import pytest

from embeddings.indexes.half import halves_of, query_text, scale_for
from embeddings.search.distance import norms
from folders.choices import Metric


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("metric", list(Metric))
def test_halves__differ_by_their_rounding_only(metric: Metric, size: float) -> None:
    rows = (np.random.default_rng(3).normal(size=(50, 6)) * size).astype(np.float32)
    scale = scale_for(rows, metric)
    halves = halves_of(rows, norms(rows), metric, scale).astype(np.float64)

    expected = rows.astype(np.float64) * scale
    if metric == Metric.COSINE:
        expected = rows / norms(rows)[:, np.newaxis]
    assert np.abs(halves - expected).max() <= np.abs(expected).max() * 2**-11


def test_halves__are_cut_where_they_would_be_infinite() -> None:
    rows = np.array([[1e9, -1e9]], dtype=np.float32)

    halves = halves_of(rows, norms(rows), Metric.L2, 1.0)

    assert halves.tolist() == [[65504.0, -65504.0]]
    assert query_text(rows[0], Metric.L2, 1.0) == "[65504.0,-65504.0]"


def test_query__under_angles_is_its_direction() -> None:
    query = np.array([3e20, 4e20], dtype=np.float32)

    for metric in (Metric.COSINE, Metric.INNER_PRODUCT):
        assert query_text(query, metric, 1.0) == "[0.60009765625,0.7998046875]"
