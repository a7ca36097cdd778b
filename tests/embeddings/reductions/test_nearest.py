"""The nearest of many vectors."""

from collections.abc import Callable

import numpy as np
import pytest

from embeddings.reductions import nearest as module
from embeddings.reductions.layout import Matrix
from embeddings.reductions.nearest import Nearest

COUNT, K = 4000, 12


def spread(generator: np.random.Generator) -> Matrix:
    return generator.normal(size=(COUNT, 6)).astype(np.float32)


def equal(generator: np.random.Generator) -> Matrix:
    """All but some in one place: everything keeps to the bounds."""
    vectors = np.ones((COUNT, 6), dtype=np.float32)
    vectors[:20] = generator.normal(size=(20, 6))
    return vectors


def misleading(generator: np.random.Generator) -> Matrix:
    """Those of the sample lie together around the first query: its bound is too narrow."""
    vectors = generator.normal(size=(COUNT, 6)).astype(np.float32)
    sampled = vectors[:: module._SAMPLED]
    sampled[:] = generator.normal(scale=100, size=sampled.shape)
    sampled[:8] = vectors[1]
    return vectors


@pytest.mark.parametrize("make", [spread, equal, misleading])
@pytest.mark.parametrize("own", [None, 0, 1990])
@pytest.mark.parametrize("tile", [500, 4096])
def test_nearest__are_those_of_a_sort(
    make: Callable[[np.random.Generator], Matrix],
    own: int | None,
    tile: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_TILE", tile)
    vectors = make(np.random.default_rng(6))
    queries = vectors[1:33] if own is None else vectors[own : own + 32]
    exact = vectors.astype(np.float64)
    scores = np.square(exact).sum(axis=1) / 2 - queries.astype(np.float64) @ exact.T
    if own is not None:
        scores[np.arange(32), np.arange(own, own + 32)] = np.inf

    columns, found = Nearest(vectors).of(queries, K, own=own)

    expected = np.sort(scores, axis=1)[:, :K]
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-3)
    assert np.allclose(np.take_along_axis(scores, columns, axis=1), expected, rtol=1e-5, atol=1e-3)
    assert all(len(set(row)) == K for row in columns.tolist())


def test_nearest__among_few_leave_the_query_out() -> None:
    vectors = np.arange(10, dtype=np.float32)[:, None]

    columns, _ = Nearest(vectors).of(vectors[3:5], 2, own=3)

    assert [set(row) for row in columns.tolist()] == [{2, 4}, {3, 5}]
