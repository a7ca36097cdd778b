"""t-SNE by openTSNE, with the recipe that measured best on two cores."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openTSNE import TSNEEmbedding, initialization
from openTSNE.affinity import PerplexityBasedNN
from openTSNE.nearest_neighbors import PrecomputedNeighbors

from embeddings.reductions.layout import Layout, Matrix, Phase, Progress, Report, finished_layout
from embeddings.reductions.neighbours import Neighbours, find_neighbours
from embeddings.reductions.parameters import TsneParameters
from embeddings.reductions.pca import as_plane, fit_components, project

EARLY_ITERATIONS, ITERATIONS = 250, 500
EARLY_EXAGGERATION = 12.0
# Below, Barnes-Hut is quicker and nearer to the true gradient (1,797 points: 5 s against 10 s).
FFT_FROM_POINTS = 10_000
# Side of a grid cell. The cost of an iteration grows with the span of the map divided by it; at 2
# the quality is that of 1, in a third of the time.
INTS_IN_INTERVAL = 2
# Neighbours come from the full vectors while that costs less than some ten seconds (n² × d
# products), else from the leading components. At 50 of them a quarter of the true neighbours is
# lost.
MAX_FULL_PRODUCTS = 2e11
COMPONENTS = 100
# The kernel of t-SNE is one unit wide: points that all lie within less have fallen into each other.
COLLAPSED = 0.05
_REPORT_EVERY = 10


@dataclass(frozen=True, slots=True)
class _Stage:
    """One call of the optimiser."""

    phase: Phase
    iterations: int
    exaggeration: float


def tsne(vectors: Matrix, *, parameters: TsneParameters, threads: int, report: Report) -> Layout:
    """Lay out n ≥ 4 prepared vectors, not all equal, so that neighbours stay neighbours.

    The same vectors, parameters and number of threads give the same points on one machine.

    Raises:
        ReductionError: the layout ran away to infinity.
    """
    components = fit_components(vectors, _components_wanted(vectors), seed=parameters.seed)
    report(Progress(Phase.COMPONENTS, 1, 1))
    projected = project(vectors, components)
    reduced = projected.shape[1] == COMPONENTS
    start = initial_points(projected, seed=parameters.seed)
    perplexity = parameters.perplexity_for(len(vectors))
    neighbours = find_neighbours(
        projected if reduced else vectors,
        neighbour_count(perplexity, len(vectors)),
        seed=parameters.seed,
        threads=threads,
        report=report,
    )
    gradient = "fft" if len(vectors) >= FFT_FROM_POINTS else "bh"
    embedding = TSNEEmbedding(
        start,
        _affinities(neighbours, perplexity, threads),
        negative_gradient_method=gradient,
        ints_in_interval=INTS_IN_INTERVAL,
        n_jobs=threads,
        random_state=parameters.seed,
    )
    early = _Stage(Phase.EXAGGERATION, EARLY_ITERATIONS, EARLY_EXAGGERATION)
    embedding, exaggeration = _lay_out(
        _optimise(embedding, early, report), parameters.exaggeration, report
    )
    used: dict[str, Any] = {
        "perplexity": perplexity,
        "exaggeration": exaggeration,
        "early_exaggeration": EARLY_EXAGGERATION,
        "iterations": [EARLY_ITERATIONS, ITERATIONS],
        "seed": parameters.seed,
        "components": COMPONENTS if reduced else None,
        "neighbours": neighbours.how,
        "gradient": "interpolation" if gradient == "fft" else "barnes-hut",
        "threads": threads,
    }
    # Approximated as it is, the divergence of a perfect layout may come out just below zero.
    kl = max(0.0, float(embedding.kl_divergence))
    return finished_layout(np.asarray(embedding), kl=kl, used=used)


def neighbour_count(perplexity: float, count: int) -> int:
    """How many neighbours a perplexity takes among `count` points."""
    return min(count - 1, max(1, int(3 * perplexity)))


def initial_points(projected: NDArray[np.float32], *, seed: int) -> NDArray[np.float64]:
    """The first two components, small and shaken a little, so that no two points coincide."""
    points = as_plane(projected).astype(np.float64)
    if points[:, 0].std() == 0:
        # Rows that differ by less than the projection can tell.
        random: NDArray[np.float64] = initialization.random(len(points), random_state=seed)
        return random
    points -= points.mean(axis=0)
    shaken: NDArray[np.float64] = initialization.jitter(
        initialization.rescale(points), random_state=seed
    )
    return shaken


def _components_wanted(vectors: Matrix) -> int:
    """How many components are needed: two to start from, or all that neighbours are found in."""
    count, dimensions = vectors.shape
    full = dimensions <= COMPONENTS or float(count) ** 2 * dimensions <= MAX_FULL_PRODUCTS
    return 2 if full else COMPONENTS


def _affinities(neighbours: Neighbours, perplexity: float, threads: int) -> PerplexityBasedNN:
    return PerplexityBasedNN(
        knn_index=PrecomputedNeighbors(neighbours.indices, neighbours.distances),
        perplexity=perplexity,
        n_jobs=threads,
    )


def _lay_out(
    embedding: TSNEEmbedding, exaggeration: float, report: Report
) -> tuple[TSNEEmbedding, float]:
    """Run the layout itself; returns its result and the exaggeration that it could bear.

    Few points without clear groups are drawn into one dot by an exaggeration that thousands bear.
    The layout is then done again with half of it, down to none.
    """
    while True:
        laid_out = _optimise(embedding, _Stage(Phase.LAYOUT, ITERATIONS, exaggeration), report)
        if exaggeration == 1 or np.asarray(laid_out).std(axis=0).max() >= COLLAPSED:
            return laid_out, exaggeration
        exaggeration = max(1.0, exaggeration / 2)


def _optimise(embedding: TSNEEmbedding, stage: _Stage, report: Report) -> TSNEEmbedding:
    """A copy with its points moved on; reports every few iterations and may be ended by that."""

    def listen(iteration: int, kl: float, _points: NDArray[np.float64]) -> bool:
        report(Progress(stage.phase, iteration, stage.iterations, float(kl)))
        return False

    return embedding.optimize(
        stage.iterations,
        exaggeration=stage.exaggeration,
        momentum=0.8,
        callbacks=[listen],
        callbacks_every_iters=_REPORT_EVERY,
    )
