"""Nearest neighbours."""

import numpy as np
import pytest

from embeddings.reductions import Phase, Progress, nearest
from embeddings.reductions import neighbours as module
from embeddings.reductions.layout import no_report
from embeddings.reductions.neighbours import find_neighbours


def brute(rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The same by sorting all float64 distances."""
    exact = rows.astype(np.float64)
    apart = np.sqrt(np.square(exact[:, None] - exact[None]).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    order = np.argsort(apart, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(apart, order, axis=1)


def test_find_neighbours__are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUERIES", 64)
    rows = np.random.default_rng(1).normal(size=(300, 12)).astype(np.float32)
    indices, distances = brute(rows, 15)

    found = find_neighbours(rows, 15, seed=0, threads=1, report=no_report)

    assert found.how == "exact"
    assert (found.indices == indices).all()
    assert np.allclose(found.distances, distances, atol=1e-4)


def test_find_neighbours__leave_the_row_itself_out_among_identical_ones() -> None:
    rows = np.zeros((40, 3), dtype=np.float32)

    found = find_neighbours(rows, 5, seed=0, threads=1, report=no_report)

    assert found.indices.shape == (40, 5)
    assert not (found.indices == np.arange(40)[:, None]).any()
    assert (found.distances == 0).all()


def test_find_neighbours__tell_how_many_rows_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUERIES", 64)
    heard: list[Progress] = []
    rows = np.random.default_rng(1).normal(size=(150, 4)).astype(np.float32)

    find_neighbours(rows, 5, seed=0, threads=1, report=heard.append)

    assert [(one.phase, one.done, one.total) for one in heard] == [
        (Phase.NEIGHBOURS, done, 150) for done in (0, 64, 128, 150)
    ]


def test_find_neighbours__of_very_many_rows_are_approximate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_EXACT_ROWS", 100)
    rows = np.random.default_rng(1).normal(size=(300, 12)).astype(np.float32)
    indices, _ = brute(rows, 10)

    found = find_neighbours(rows, 10, seed=0, threads=1, report=no_report)

    assert found.how == "annoy"
    shared = [len(set(a) & set(b)) for a, b in zip(found.indices, indices, strict=True)]
    assert np.mean(shared) > 9


def test_find_neighbours__among_many_rows_are_exact_on_several_threads() -> None:
    rows = np.random.default_rng(5).normal(size=(2500, 6)).astype(np.float32)
    # Rows whose sampled distances say nothing of the others: the bound leaves out too many.
    rows[:: nearest._SAMPLED] += 50
    indices, distances = brute(rows, 8)

    found = find_neighbours(rows, 8, seed=0, threads=2, report=no_report)

    assert np.allclose(found.distances, distances, atol=2e-2)
    assert (found.indices == indices).mean() > 0.999
