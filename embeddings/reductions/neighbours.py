"""The nearest neighbours of every row."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from openTSNE.nearest_neighbors import Annoy
from sklearn.neighbors import NearestNeighbors

from embeddings.reductions.layout import Matrix, Phase, Progress, Report

# Exact search compares every row with every other one: beyond this it would take longer than the
# layout, and the trees that openTSNE brings along take over.
MAX_EXACT_ROWS = 200_000
_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Neighbours of n rows, nearest first, without the row itself.

    Attributes:
        indices: shape (n, k).
        distances: shape (n, k), Euclidean.
        how: "exact", or the approximate method.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float64]
    how: Literal["exact", "annoy"]


def find_neighbours(
    vectors: Matrix, k: int, *, seed: int, threads: int, report: Report
) -> Neighbours:
    """Find the k < n nearest neighbours of each of n rows."""
    count = len(vectors)
    report(Progress(Phase.NEIGHBOURS, 0, count))
    if count > MAX_EXACT_ROWS:
        index = Annoy(vectors, k, metric="euclidean", n_jobs=threads, random_state=seed)
        indices, distances = index.build()
        report(Progress(Phase.NEIGHBOURS, count, count))
        return Neighbours(indices.astype(np.int64), distances.astype(np.float64), "annoy")
    search = NearestNeighbors(algorithm="brute", metric="euclidean", n_jobs=threads).fit(vectors)
    indices = np.empty((count, k), dtype=np.int64)
    distances = np.empty((count, k), dtype=np.float64)
    for start in range(0, count, _ROWS):
        rows = slice(start, min(start + _ROWS, count))
        # One more than asked for, because each row also finds itself.
        found = search.kneighbors(vectors[rows], n_neighbors=k + 1)
        distances[rows], indices[rows] = _without_self(start, *found)
        report(Progress(Phase.NEIGHBOURS, rows.stop, count))
    return Neighbours(indices, distances, "exact")


def _without_self(
    start: int, distances: NDArray[np.float64], indices: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Drop each row itself; among many identical rows it may be missing: then the last goes."""
    own = indices == np.arange(start, start + len(indices))[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(indices), indices.shape[1] - 1)
    return distances[~own].reshape(shape), indices[~own].reshape(shape)
