"""The nearest neighbours of every row."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from embeddings.reductions.layout import Matrix, Phase, Progress, Report
from embeddings.reductions.nearest import QUERIES, Nearest, half_squares

# Exact search compares every row with every other one: beyond this it would take longer than the
# layout, and the trees that openTSNE brings along take over. Of 200,000 vectors, trees found as
# many of the ten nearest as exact search did, both among the 200 leading components, in less than
# half the time; on clusters with even noise those keep few of the ten nearest at all
# (benchmarks/results/map_neighbours.json). pynndescent on all dimensions found nearly all of them
# about as quickly, with more memory: not tried on real vectors yet.
MAX_EXACT_ROWS = 200_000


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
    nearest = Nearest(vectors)

    def search(start: int) -> int:
        rows = slice(start, min(start + QUERIES, count))
        indices[rows], scores = nearest.of(vectors[rows], k, own=start)
        squares = 2 * (scores + half_squares(vectors[rows])[:, None])
        distances[rows] = np.sqrt(np.maximum(squares, 0))
        return rows.stop

    # Some rows for each thread, and linear algebra on one thread in each: the choice of the
    # smallest is then shared as well.
    with threadpool_limits(limits=1), ThreadPoolExecutor(threads) as pool:
        for done in pool.map(search, range(0, count, QUERIES)):
            report(Progress(Phase.NEIGHBOURS, done, count))
    return Neighbours(indices, distances, "exact")


def neighbours_by_trees(vectors: Matrix, k: int, *, seed: int, threads: int) -> Neighbours:
    """Approximate: the trees of annoy, which openTSNE brings along."""
    from openTSNE.nearest_neighbors import Annoy

    index = Annoy(vectors, k, metric="euclidean", n_jobs=threads, random_state=seed)
    indices, distances = index.build()
    return Neighbours(indices.astype(np.int32), distances.astype(np.float32), "annoy")
