"""The nearest neighbours of every row."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from embeddings.reductions.layout import Matrix, Phase, Progress, Report

# Exact search compares every row with every other one: beyond this it would take longer than the
# layout, and the trees that openTSNE brings along take over. Of 200,000 vectors, trees found as
# many of the ten nearest as exact search did, both among the 200 leading components, in less than
# half the time; on clusters with even noise those keep few of the ten nearest at all
# (benchmarks/results/map_neighbours.json). pynndescent on all dimensions found nearly all of them
# about as quickly, with more memory: not tried on real vectors yet.
MAX_EXACT_ROWS = 200_000
# Distances that one thread holds at a time: 32 MB.
_BLOCK_DISTANCES = 8_000_000
_ROWS = 512
# The bound of a row is guessed from every so many-th of its distances, ...
_SAMPLED = 16
# ... which pays from so many distances for each neighbour on.
_PAYS_FROM = 40


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Neighbours of n rows, nearest first, without the row itself.

    Attributes:
        indices: shape (n, k).
        distances: shape (n, k), Euclidean.
        how: "exact", or the approximate method.
    """

    indices: NDArray[np.int32]
    distances: NDArray[np.float32]
    how: str


def find_neighbours(
    vectors: Matrix, k: int, *, seed: int, threads: int, report: Report
) -> Neighbours:
    """Find the k < n nearest neighbours of each of n rows."""
    count = len(vectors)
    report(Progress(Phase.NEIGHBOURS, 0, count))
    if count <= MAX_EXACT_ROWS:
        return exact_neighbours(vectors, k, threads=threads, report=report)
    found = neighbours_by_trees(vectors, k, seed=seed, threads=threads)
    report(Progress(Phase.NEIGHBOURS, count, count))
    return found


def exact_neighbours(vectors: Matrix, k: int, *, threads: int, report: Report) -> Neighbours:
    """Compare every row with every other one."""
    count = len(vectors)
    indices = np.empty((count, k), dtype=np.int32)
    distances = np.empty((count, k), dtype=np.float32)
    halves = half_squares(vectors)
    size = max(16, min(_ROWS, _BLOCK_DISTANCES // count))

    def search(start: int) -> int:
        rows = slice(start, min(start + size, count))
        scores = scores_of(vectors[rows], vectors, halves)
        scores[np.arange(len(scores)), np.arange(rows.start, rows.stop)] = np.inf
        indices[rows], nearest = k_smallest(scores, k)
        distances[rows] = as_distances(nearest, halves[rows])
        return rows.stop

    # One block for each thread, and linear algebra on one thread in each: the choice of the
    # smallest is then shared as well.
    with threadpool_limits(limits=1), ThreadPoolExecutor(threads) as pool:
        for done in pool.map(search, range(0, count, size)):
            report(Progress(Phase.NEIGHBOURS, done, count))
    return Neighbours(indices, distances, "exact")


def half_squares(vectors: Matrix) -> NDArray[np.float32]:
    """Half the squared length of each row."""
    halves: NDArray[np.float32] = np.einsum("ij,ij->i", vectors, vectors) / np.float32(2)
    return halves


def scores_of(queries: Matrix, vectors: Matrix, halves: NDArray[np.float32]) -> NDArray[np.float32]:
    """Numbers in the order of the distances from each query to all vectors: |v|²/2 − q·v."""
    scores: NDArray[np.float32] = queries @ vectors.T
    np.subtract(halves, scores, out=scores)
    return scores


def as_distances(scores: NDArray[np.float32], halves: NDArray[np.float32]) -> NDArray[np.float32]:
    """Euclidean distances from the scores of queries with these half squares."""
    distances: NDArray[np.float32] = np.sqrt(np.maximum(2 * (scores + halves[:, None]), 0))
    return distances


def k_smallest(
    scores: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Columns and values of the k smallest of each row, ascending.

    A sample of each row gives a bound that some more than k will keep to; only those are sorted
    out. Partitioning whole rows takes ten times as long.
    """
    rows, count = scores.shape
    if count < _PAYS_FROM * k:
        return _smallest_of(scores, np.arange(count, dtype=np.int32), k)
    sample = np.ascontiguousarray(scores[:, ::_SAMPLED])
    rank = min(sample.shape[1] - 1, int(1.3 * k / _SAMPLED) + 6)
    bounds = np.partition(sample, rank, axis=1)[:, rank]
    places = np.flatnonzero(scores <= bounds[:, None])
    row = places // count
    kept = np.bincount(row, minlength=rows)
    width = max(int(kept.max()), k)
    values = np.full((rows, width), np.inf, dtype=np.float32)
    columns = np.zeros((rows, width), dtype=np.int32)
    place = np.arange(len(places)) - np.repeat(np.cumsum(kept) - kept, kept)
    values[row, place] = scores.ravel()[places]
    columns[row, place] = places - row * count
    for short in np.flatnonzero(kept < k):
        chosen = np.argpartition(scores[short], k - 1)[:k]
        values[short, :k], columns[short, :k] = scores[short, chosen], chosen
        values[short, k:] = np.inf
    return _smallest_of(values, columns, k)


def _smallest_of(
    values: NDArray[np.float32], columns: NDArray[np.int32], k: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    labels = np.broadcast_to(columns, values.shape)
    if k < values.shape[1]:
        chosen = np.argpartition(values, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(values, chosen, axis=1)
        labels = np.take_along_axis(labels, chosen, axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(labels, order, axis=1), np.take_along_axis(values, order, axis=1)


def neighbours_by_trees(vectors: Matrix, k: int, *, seed: int, threads: int) -> Neighbours:
    """Approximate: the trees of annoy, which openTSNE brings along."""
    from openTSNE.nearest_neighbors import Annoy

    index = Annoy(vectors, k, metric="euclidean", n_jobs=threads, random_state=seed)
    indices, distances = index.build()
    return Neighbours(indices.astype(np.int32), distances.astype(np.float32), "annoy")
