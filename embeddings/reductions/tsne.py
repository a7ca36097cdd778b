"""t-SNE by openTSNE's optimiser and our own repulsion, with the recipe that measured best."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openTSNE import initialization
from scipy.sparse import csr_matrix

from embeddings.reductions.affinities import perplexity_affinities, uniform_affinities
from embeddings.reductions.layout import (
    Layout,
    Matrix,
    Phase,
    Progress,
    ReductionError,
    Report,
    finished_layout,
)
from embeddings.reductions.live import Live
from embeddings.reductions.neighbours import Neighbours, find_neighbours
from embeddings.reductions.optimisation import Optimisation, Stage
from embeddings.reductions.parameters import FastTsneParameters, TsneParameters
from embeddings.reductions.pca import as_plane, fit_components, project

# openTSNE begins with 250: with 150 the map is as good (10,000 and 60,000 points).
EARLY_ITERATIONS, ITERATIONS = 150, 500
EARLY_EXAGGERATION = 12.0
# Three are usual. With two, an iteration took a fifth less time, and as many of the ten nearest
# were kept of 10,000 real vectors to within .003; of 60,000 .702 instead of .704.
NEIGHBOURS_PER_PERPLEXITY = 2
# The fast setting: half the layout on the 15 nearest neighbours, all alike. 60,000 real vectors of
# 512 dimensions took a third of the time, and .655 of the ten nearest were kept instead of .703
# (benchmarks/results/maps.json).
FAST_EARLY_ITERATIONS, FAST_ITERATIONS = 100, 250
FAST_NEIGHBOURS = 15
# Neighbours come from the full vectors while that costs less than some thirty seconds (n² × d
# products), else from the leading components. At 50 of them a quarter of the true neighbours is
# lost; at 200 a sixteenth (20,000 real vectors of 512 dimensions).
MAX_FULL_PRODUCTS = 2.5e12
COMPONENTS = 200
# Of the fast setting's work a third was looking for neighbours at 20,000 vectors, and two thirds at
# 60,000: it goes over to components much earlier.
FAST_MAX_FULL_PRODUCTS = 2e11
# An iteration begins some threads and waits for all. Below, it takes milliseconds: on a quiet
# machine two threads save a third of them, on a busy one they took four times as long as one.
DESCENT_THREADS_FROM = 25_000
# The kernel of t-SNE is one unit wide: points that all lie within less have fallen into each other.
COLLAPSED = 0.05


def tsne(
    vectors: Matrix,
    *,
    parameters: TsneParameters | FastTsneParameters,
    threads: int,
    report: Report,
    live: Live,
    start: NDArray[np.floating[Any]] | None = None,
) -> Layout:
    """Lay out n ≥ 4 prepared vectors, not all equal, so that neighbours stay neighbours.

    The same vectors, parameters and number of threads give the same points on one machine, also
    when the run was interrupted and goes on from its memory.

    Args:
        vectors: shape (n, dimensions).
        parameters: of the method.
        threads: how many to compute with.
        report: told how far the work is.
        live: shown the points while they move.
        start: places to begin at instead of the principal components, shape (n, 2); NaN where a
            point has none. The layout then keeps its shape as far as the vectors let it.

    Raises:
        ReductionError: the layout ran away to infinity.
    """
    report(Progress(Phase.COMPONENTS, 0, 1))
    plane = project(vectors, fit_components(vectors, 2, seed=parameters.seed))
    if start is None:
        live.show(plane)
    affinities, used = _remembered_affinities(vectors, parameters, threads, report, live)
    points = (
        initial_points(plane, seed=parameters.seed) if start is None else _filled(start, affinities)
    )
    stages = _stages(parameters, from_scratch=start is None)
    alone = len(vectors) < DESCENT_THREADS_FROM
    descending = 1 if alone else threads
    optimisation = Optimisation(points, affinities, threads=descending, report=report, live=live)
    # It holds them in an order of its own: two thousand bytes for each point.
    del affinities
    try:
        for stage in stages[:-1]:
            optimisation.run(stage)
        exaggeration = _lay_out(optimisation, stages[-1], live)
    except FloatingPointError as error:
        raise ReductionError(
            "The layout did not settle: some points ran away to infinity. "
            "Try a smaller exaggeration or another perplexity."
        ) from error
    used |= {
        "exaggeration": exaggeration,
        "early_exaggeration": EARLY_EXAGGERATION if start is None else None,
        "iterations": [stage.iterations for stage in stages],
        "stopped_at": optimisation.stopped_at,
        "resumed_at": optimisation.resumed_at and list(optimisation.resumed_at),
        "seed": parameters.seed,
        "gradient": "splines",
        "threads": [threads, descending],
    }
    return finished_layout(optimisation.points, kl=optimisation.divergence, used=used)


def neighbour_count(perplexity: float, count: int) -> int:
    """How many neighbours a perplexity takes among `count` points."""
    return min(count - 1, max(1, int(NEIGHBOURS_PER_PERPLEXITY * perplexity)))


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


@dataclass(frozen=True, slots=True)
class _Width:
    """How many neighbours attract a point, and by which perplexity; None for all alike."""

    neighbours: int
    perplexity: float | None


def _width(parameters: TsneParameters | FastTsneParameters, count: int) -> _Width:
    if isinstance(parameters, FastTsneParameters):
        return _Width(min(FAST_NEIGHBOURS, count - 1), None)
    perplexity = parameters.perplexity_for(count)
    return _Width(neighbour_count(perplexity, count), perplexity)


def _stages(parameters: TsneParameters | FastTsneParameters, *, from_scratch: bool) -> list[Stage]:
    fast = isinstance(parameters, FastTsneParameters)
    early = FAST_EARLY_ITERATIONS if fast else EARLY_ITERATIONS
    late = FAST_ITERATIONS if fast else ITERATIONS
    layout = Stage(Phase.LAYOUT, late, parameters.exaggeration)
    # Groups that have their places would be drawn together and part again elsewhere.
    apart = Stage(Phase.EXAGGERATION, early, EARLY_EXAGGERATION, to_come=late)
    return [apart, layout] if from_scratch else [layout]


def _remembered_affinities(
    vectors: Matrix,
    parameters: TsneParameters | FastTsneParameters,
    threads: int,
    report: Report,
    live: Live,
) -> tuple[csr_matrix, dict[str, Any]]:
    """The affinities, computed once for all runs of one memory; and what was used for them."""
    width = _width(parameters, len(vectors))
    reduced = _is_reduced(vectors, parameters)
    used: dict[str, Any] = {
        "perplexity": width.perplexity,
        "components": COMPONENTS if reduced else None,
    }
    kept = live.memory.load("affinities")
    if kept is not None:
        shape = (len(vectors), len(vectors))
        report(Progress(Phase.NEIGHBOURS, len(vectors), len(vectors)))
        matrix = csr_matrix((kept["data"], kept["indices"], kept["indptr"]), shape=shape)
        return matrix, used | {"neighbours": str(kept["how"])}
    neighbours = _remembered_neighbours(vectors, parameters, threads, report, live)
    if width.perplexity is None:
        affinities = uniform_affinities(neighbours)
    else:
        affinities = perplexity_affinities(neighbours, width.perplexity, threads=threads)
    live.memory.save(
        "affinities",
        {
            "data": affinities.data,
            "indices": affinities.indices,
            "indptr": affinities.indptr,
            "how": np.array(neighbours.how),
        },
    )
    return affinities, used | {"neighbours": neighbours.how}


def _remembered_neighbours(
    vectors: Matrix,
    parameters: TsneParameters | FastTsneParameters,
    threads: int,
    report: Report,
    live: Live,
) -> Neighbours:
    k, seed = _width(parameters, len(vectors)).neighbours, parameters.seed
    kept = live.memory.load("neighbours")
    if kept is not None:
        return Neighbours(kept["indices"], kept["distances"], str(kept["how"]))
    if _is_reduced(vectors, parameters):
        vectors = project(vectors, fit_components(vectors, COMPONENTS, seed=seed))
    report(Progress(Phase.COMPONENTS, 1, 1))
    found = find_neighbours(vectors, k, seed=seed, threads=threads, report=report)
    live.memory.save(
        "neighbours",
        {
            "indices": found.indices,
            "distances": found.distances,
            "how": np.array(found.how),
        },
    )
    return found


def _is_reduced(vectors: Matrix, parameters: TsneParameters | FastTsneParameters) -> bool:
    """Whether neighbours are looked for among components instead of the full vectors."""
    count, dimensions = vectors.shape
    fast = isinstance(parameters, FastTsneParameters)
    most = FAST_MAX_FULL_PRODUCTS if fast else MAX_FULL_PRODUCTS
    return bool(dimensions > COMPONENTS and count * count * dimensions > most)


def _filled(start: NDArray[np.floating[Any]], affinities: csr_matrix) -> NDArray[np.float64]:
    """The places to start from; who has none starts in the middle of those that attract it."""
    points = np.array(start, dtype=np.float64)
    known = np.isfinite(points).all(axis=1)
    points[~known] = 0
    missing = np.flatnonzero(~known)
    pull = affinities[missing] @ np.column_stack([points, known])
    weight = np.maximum(pull[:, 2:], np.finfo(np.float64).tiny)
    points[missing] = pull[:, :2] / weight
    points -= points.mean(axis=0)
    return points


def _lay_out(optimisation: Optimisation, stage: Stage, live: Live) -> float:
    """Run the layout itself; returns the exaggeration that it could bear.

    Few points without clear groups are drawn into one dot by an exaggeration that thousands bear.
    The layout is then done again with half of it, down to none.
    """
    before = live.memory.load("separated") or optimisation.state()
    if stage.exaggeration > 1:
        live.memory.save("separated", before)
    optimisation.run(stage)
    while not _is_settled(optimisation, stage):
        optimisation.go_back(before)
        stage = replace(stage, exaggeration=max(1.0, stage.exaggeration / 2))
        optimisation.run(stage, remember=False)
    return stage.exaggeration


def _is_settled(optimisation: Optimisation, stage: Stage) -> bool:
    spread = float(optimisation.points.std(axis=0).max())
    return stage.exaggeration == 1 or spread >= COLLAPSED or optimisation.stopped_at is not None
