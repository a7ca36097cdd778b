"""How well a map keeps the neighbourhoods of its vectors; every contender by the same yardstick."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from benchmarks.reducing import Floats, unit
from embeddings.reductions.affinities import perplexity_affinities
from embeddings.reductions.layout import no_report
from embeddings.reductions.neighbours import Neighbours, exact_neighbours, neighbours_by_trees
from embeddings.reductions.objective import Objective

RECALLED = 10
TRUSTED = 15
PERPLEXITY = 30
# Rows whose trust is looked at: each needs the ranks of all others.
_TRUST_ROWS = 1000
# Beyond, exact neighbours of all rows take longer than the maps: recall is that of some rows, and
# the affinities of the divergence come from approximate neighbours.
_MOST_ROWS = 100_000
_RECALL_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Quality:
    """Recall and trustworthiness from 0 to 1; divergence as t-SNE of perplexity 30 defines it.

    The divergence is over the pairs of the 90 nearest neighbours, of which all are known up to
    100,000 rows, and above those that annoy finds among all dimensions (`estimated`). The sum over
    all pairs of the map, which normalises it, comes from the Fourier transform of the layout.
    """

    recall: float
    trust: float
    divergence: float
    estimated: bool


class Yardstick:
    """What is known of the vectors, computed once for all contenders."""

    def __init__(self, vectors: Floats, threads: int) -> None:
        """Find neighbours and affinities in all dimensions."""
        self._vectors = unit(vectors.copy())
        self._threads = threads
        count = len(vectors)
        self._rows = np.arange(count)
        self._estimated = count > _MOST_ROWS
        found = self._neighbours(min(3 * PERPLEXITY, count - 1))
        self._affinities = perplexity_affinities(found, PERPLEXITY, threads=threads)
        if not self._estimated:
            self._near = found.indices[:, :RECALLED].astype(np.int64)
            return
        rows = np.random.default_rng(1).choice(count, min(_RECALL_ROWS, count), replace=False)
        self._rows = np.sort(rows)
        self._near = _nearest_of(self._vectors, self._rows, RECALLED)

    def measure(self, points: Floats) -> Quality:
        """Judge a map."""
        spread = (points - points.mean(axis=0)) / points.std()
        on_map = self._on_map(spread)
        pairs = zip(self._near.tolist(), on_map[self._rows, :RECALLED].tolist(), strict=True)
        recall = np.mean([len(set(a) & set(b)) / RECALLED for a, b in pairs])
        divergence, _ = Objective(1, threads=self._threads)(
            points.astype(np.float64), self._affinities, should_eval_error=True
        )
        return Quality(float(recall), self._trust(on_map), divergence, self._estimated)

    def _on_map(self, points: Floats) -> npt.NDArray[np.int32]:
        """Neighbours on the map, exact: in two dimensions trees are quick."""
        tree = cKDTree(points)
        near = tree.query(points, TRUSTED + 1, workers=self._threads)[1].astype(np.int32)
        # The row itself goes; among coinciding points it may not come first.
        own = near == np.arange(len(points))[:, np.newaxis]
        own[~own.any(axis=1), -1] = True
        others: npt.NDArray[np.int32] = near[~own].reshape(len(points), TRUSTED)
        return others

    def _neighbours(self, k: int) -> Neighbours:
        if self._estimated:
            return neighbours_by_trees(self._vectors, k, seed=0, threads=self._threads)
        return exact_neighbours(self._vectors, k, threads=self._threads, report=no_report)

    def _trust(self, on_map: npt.NDArray[np.int32]) -> float:
        """Trustworthiness (Venna and Kaski 2001), over a sample of the rows."""
        count = len(on_map)
        chosen = np.random.default_rng(0).choice(count, min(count, _TRUST_ROWS), replace=False)
        penalty = 0
        for row in chosen.tolist():
            apart = -(self._vectors @ self._vectors[row])
            apart[row] = -np.inf
            ranks = np.empty(count, dtype=np.int64)
            ranks[np.argsort(apart, kind="stable")] = np.arange(count)
            penalty += int(np.maximum(ranks[on_map[row]] - TRUSTED, 0).sum())
        worst = len(chosen) * TRUSTED * (2 * count - 3 * TRUSTED - 1) / 2
        return 1 - penalty / worst


def _nearest_of(vectors: Floats, rows: npt.NDArray[np.int64], k: int) -> npt.NDArray[np.int64]:
    """The k nearest of some rows among all, by products of rows of length 1."""
    found = []
    for start in range(0, len(rows), 100):
        some = rows[start : start + 100]
        scores = -(vectors[some] @ vectors.T)
        scores[np.arange(len(some)), some] = np.inf
        found.append(np.argpartition(scores, k, axis=1)[:, :k])
    return np.concatenate(found)
