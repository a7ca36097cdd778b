"""How well a map keeps the neighbourhoods of its vectors; every contender by the same yardstick."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from benchmarks.reducing import Floats, unit
from embeddings.reductions.affinities import perplexity_affinities
from embeddings.reductions.layout import no_report
from embeddings.reductions.neighbours import Neighbours, find_neighbours
from embeddings.reductions.objective import Objective

RECALLED = 10
TRUSTED = 15
PERPLEXITY = 30
# Rows whose trust is looked at: each needs the ranks of all others.
_TRUST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Quality:
    """Recall and trustworthiness from 0 to 1; divergence as t-SNE of perplexity 30 defines it."""

    recall: float
    trust: float
    divergence: float


class Yardstick:
    """What is known of the vectors, computed once for all contenders."""

    def __init__(self, vectors: Floats, threads: int) -> None:
        """Find neighbours and affinities in all dimensions."""
        self._vectors = unit(vectors.copy())
        self._threads = threads
        found = self._neighbours(self._vectors, 3 * PERPLEXITY)
        self._near = found.indices[:, :RECALLED]
        self._affinities: csr_matrix = perplexity_affinities(found, PERPLEXITY, threads=threads)

    def measure(self, points: Floats) -> Quality:
        """Judge a map."""
        spread = (points - points.mean(axis=0)) / points.std()
        on_map = self._neighbours(spread, TRUSTED).indices
        pairs = zip(self._near.tolist(), on_map[:, :RECALLED].tolist(), strict=True)
        recall = np.mean([len(set(a) & set(b)) / RECALLED for a, b in pairs])
        divergence, _ = Objective(1, threads=self._threads)(
            points.astype(np.float64), self._affinities, should_eval_error=True
        )
        return Quality(float(recall), self._trust(on_map), divergence)

    def _neighbours(self, rows: Floats, k: int) -> Neighbours:
        return find_neighbours(rows, k, seed=0, threads=self._threads, report=no_report)

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
