"""Moves the points of a layout, stage by stage; can be interrupted and goes on to the same end."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from openTSNE import TSNEEmbedding
from openTSNE.affinity import PrecomputedAffinities
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import reverse_cuthill_mckee
from threadpoolctl import threadpool_limits

from embeddings.reductions.layout import Phase, Progress, Report
from embeddings.reductions.live import Arrays, Live
from embeddings.reductions.objective import Objective

MEMORY = "layout"
_MOMENTUM = 0.8
# Reports are some tenths of a second apart, but for very many points.
_REPORT_EVERY = ((50_000, 10), (200_000, 5), (500_000, 2))
# Few points would creep: openTSNE's rule gives them a tiny rate.
_LEAST_RATE_POINTS = 200

_Listener = Callable[[int, float, NDArray[np.float64]], bool]


@dataclass(frozen=True, slots=True)
class Stage:
    """Iterations with one exaggeration."""

    phase: Phase
    iterations: int
    exaggeration: float
    to_come: int = 0


class Optimisation:
    """The points and the state of their descent.

    Attributes:
        divergence: Kullback–Leibler, as far as it is known.
        stopped_at: the iteration of the stage at which somebody said to stop; None if nobody did.
        resumed_at: how many iterations of a stage an earlier run had done; None if it did none.
    """

    def __init__(
        self,
        points: NDArray[np.float64],
        affinities: csr_matrix,
        *,
        threads: int,
        report: Report,
        live: Live,
    ) -> None:
        self.divergence: float | None = None
        self.stopped_at: int | None = None
        self.resumed_at: tuple[Phase, int] | None = None
        self._order, self._places, self._affinities = _by_neighbourhood(affinities)
        self._threads = threads
        self._report = report
        self._live = live
        self._embedding = self._embedded(points)
        self._kept = live.memory.load(MEMORY)

    @property
    def points(self) -> NDArray[np.float64]:
        """Where the points are, shape (n, 2)."""
        return np.asarray(self._embedding)[self._places]

    def run(self, stage: Stage, *, remember: bool = True) -> None:
        """Do the iterations of a stage, or what an earlier run left of them.

        Args:
            stage: what to do.
            remember: whether a later run may go on from here.
        """
        done = self._resumed(stage)
        if done is None or self.stopped_at is not None:
            return
        every = _every(len(self._order))
        # So that reports come at the same iterations, whenever the run began.
        uneven = min(-done % every, stage.iterations - done)
        if uneven:
            self._descend(stage, uneven, [])
            done += uneven
        if done < stage.iterations:
            listener = self._listener(stage, done, remember=remember)
            self._descend(stage, stage.iterations - done, [listener])
        # Approximated as it is, the divergence of a perfect layout may come out just below zero.
        self.divergence = max(0.0, float(self._embedding.kl_divergence))

    def _descend(self, stage: Stage, iterations: int, listeners: list[_Listener]) -> None:
        # The optimiser takes a length by linear algebra, whose threads would then go on spinning
        # for a while, and keep those of the gradient from the processor: all took half as long
        # again.
        with threadpool_limits(limits=1, user_api="blas"):
            self._embedding.optimize(
                iterations,
                inplace=True,
                learning_rate=max(len(self._order), _LEAST_RATE_POINTS) / stage.exaggeration,
                momentum=_MOMENTUM,
                negative_gradient_method=Objective(stage.exaggeration, threads=self._threads),
                callbacks=listeners,
                callbacks_every_iters=_every(len(self._order)),
            )

    def state(self) -> Arrays:
        """Points and the momentum that they have."""
        optimiser = self._embedding.optimizer
        empty = np.empty((0, 2))
        return {
            "points": self.points,
            "update": empty if optimiser.update is None else optimiser.update[self._places],
            "gains": empty if optimiser.gains is None else optimiser.gains[self._places],
        }

    def go_back(self, state: Arrays) -> None:
        """Take up a state again."""
        self._embedding = self._embedded(state["points"])
        if len(state["update"]):
            self._embedding.optimizer.update = state["update"][self._order]
            self._embedding.optimizer.gains = state["gains"][self._order]

    def _embedded(self, points: NDArray[np.float64]) -> TSNEEmbedding:
        return TSNEEmbedding(
            np.asarray(points, dtype=np.float64)[self._order],
            PrecomputedAffinities(self._affinities, normalize=False),
            n_jobs=self._threads,
        )

    def _resumed(self, stage: Stage) -> int | None:
        """How many iterations of the stage an earlier run has done; None when it was over."""
        if self._kept is None:
            return 0
        if str(self._kept["phase"]) != stage.phase:
            return None
        done = int(self._kept["done"])
        self.go_back(self._kept)
        self._kept = None
        self.resumed_at = (stage.phase, done)
        return done

    def _listener(self, stage: Stage, done_before: int, *, remember: bool) -> _Listener:
        # openTSNE calls before it moves the points for this iteration: one less is done.
        def listen(iteration: int, divergence: float, points: NDArray[np.float64]) -> bool:
            done = done_before + iteration
            kl = max(0.0, divergence)
            self._report(Progress(stage.phase, done, stage.iterations, kl, stage.to_come))
            self._live.show(points[self._places])
            if remember and self._live.memory.is_due(MEMORY):
                self._live.memory.save(MEMORY, self._with_place(stage, done - 1))
            if self._live.stops():
                self.stopped_at = done
                return True
            return False

        return listen

    def _with_place(self, stage: Stage, done: int) -> Arrays:
        return {
            **self.state(),
            "phase": np.array(str(stage.phase)),
            "done": np.array(done),
        }


def _by_neighbourhood(
    affinities: csr_matrix,
) -> tuple[NDArray[np.int32], NDArray[np.intp], csr_matrix]:
    """(order, places of the points in it, affinities in it): what attracts each other is near.

    Their coordinates then lie in the processor's cache: the gradient of 60,000 points took a sixth
    less. The order is that of Cuthill and McKee (1969).
    """
    order = reverse_cuthill_mckee(affinities, symmetric_mode=True)
    places = np.empty(len(order), dtype=np.intp)
    places[order] = np.arange(len(order))
    rows = affinities[order]
    columns = places.astype(rows.indices.dtype)[rows.indices]
    ordered = csr_matrix((rows.data, columns, rows.indptr), shape=rows.shape)
    ordered.sort_indices()
    return order, places, ordered


def _every(count: int) -> int:
    return next((every for most, every in _REPORT_EVERY if count <= most), 1)
