"""One search for the neighbours of every row, in a process of its own for its memory.

    python -m benchmarks.neighbour_search CONTENDER VECTORS.npy THREADS FOUND.npy

Writes the neighbours, prints the seconds, without loading libraries and vectors. The components
that some contenders search are computed within their seconds.
"""

import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from benchmarks.samples import Floats
from embeddings.reductions.layout import no_report
from embeddings.reductions.neighbours import exact_neighbours, neighbours_by_trees
from embeddings.reductions.pca import fit_components, project
from embeddings.reductions.tsne import COMPONENTS

# As perplexity 30 asks for.
SOUGHT = 90
SEED = 42

Search = Callable[[Floats, int], npt.NDArray[Any]]


def exactly(vectors: Floats, threads: int) -> npt.NDArray[Any]:
    """Blocked products, our own."""
    return exact_neighbours(vectors, SOUGHT, threads=threads, report=no_report).indices


def by_trees(vectors: Floats, threads: int) -> npt.NDArray[Any]:
    """Annoy as openTSNE sets it up."""
    return neighbours_by_trees(vectors, SOUGHT, seed=SEED, threads=threads).indices


def by_descent(vectors: Floats, threads: int) -> npt.NDArray[Any]:
    """pynndescent as openTSNE sets it up: as many trees and iterations."""
    count = len(vectors)
    index = import_module("pynndescent").NNDescent(
        vectors,
        n_neighbors=SOUGHT + 1,
        n_trees=5 + round(count**0.5 / 20),
        n_iters=max(5, round(np.log2(count))),
        max_candidates=60,
        random_state=SEED,
        n_jobs=threads,
    )
    found: npt.NDArray[Any] = index.neighbor_graph[0][:, 1:]
    return found


def among_components(search: Search) -> Search:
    """The same among the leading components."""

    def searched(vectors: Floats, threads: int) -> npt.NDArray[Any]:
        components = fit_components(vectors, COMPONENTS, seed=SEED)
        return search(project(vectors, components), threads)

    return searched


CONTENDERS: dict[str, Search] = {
    "exact": exactly,
    "exact, components": among_components(exactly),
    "annoy": by_trees,
    "annoy, components": among_components(by_trees),
    "pynndescent, components": among_components(by_descent),
    "pynndescent": by_descent,
}


def main(name: str, vectors: Path, threads: int, found: Path) -> None:
    """Search, write what was found, print the seconds."""
    loaded = np.load(vectors)
    with threadpool_limits(limits=threads):
        started, used = time.perf_counter(), time.process_time()
        indices = CONTENDERS[name](loaded, threads)
        seconds, processors = time.perf_counter() - started, time.process_time() - used
    np.save(found, indices)
    print(seconds, processors)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
