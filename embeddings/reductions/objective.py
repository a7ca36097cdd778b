"""Gradient and divergence of a layout, in the form in which openTSNE's optimiser calls for them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from openTSNE import _tsne
from scipy.sparse import csr_matrix

from embeddings.reductions.repulsion import Repulsion

_EPSILON = float(np.finfo(np.float64).eps)


class Objective:
    """Attraction by openTSNE, repulsion by our own.

    Exaggeration is applied here and not, as the optimiser would, to the affinities: multiplied and
    divided again they would not be the same to the last bit, nor would a run that was interrupted.
    """

    def __init__(self, exaggeration: float, *, threads: int) -> None:
        self._exaggeration = exaggeration
        self._threads = threads
        self._repulsion = Repulsion(threads=threads)

    def __call__(
        self,
        embedding: NDArray[np.float64],
        affinities: csr_matrix,
        *,
        should_eval_error: bool = False,
        **_options: Any,
    ) -> tuple[float, NDArray[np.float64]]:
        """The Kullback–Leibler divergence, 0 unless asked for, and the gradient."""
        forces, total = self._repulsion(np.asarray(embedding))
        gradient = np.zeros(embedding.shape)
        weight, divergence, *_ = _tsne.estimate_positive_gradient_nn(
            affinities.indices,
            affinities.indptr,
            affinities.data,
            embedding,
            embedding,
            gradient,
            1,
            num_threads=self._threads,
            should_eval_error=should_eval_error,
        )
        gradient *= self._exaggeration
        gradient -= forces / total
        if should_eval_error:
            divergence += weight * np.log(total + _EPSILON)
        return float(divergence), gradient
