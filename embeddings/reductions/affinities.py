"""How strongly the vectors attract each other on the map: one symmetric sparse matrix, sum 1."""

import numpy as np
from numpy.typing import NDArray
from openTSNE import _tsne
from scipy.sparse import csr_matrix

from embeddings.reductions.neighbours import Neighbours


def perplexity_affinities(neighbours: Neighbours, perplexity: float, *, threads: int) -> csr_matrix:
    """Gaussian affinities, each row as wide as makes the perplexity."""
    values = _tsne.compute_gaussian_perplexity(
        neighbours.distances.astype(np.float64), np.array([float(perplexity)]), num_threads=threads
    )
    return _symmetric(np.asarray(values).ravel(), neighbours)


def uniform_affinities(neighbours: Neighbours) -> csr_matrix:
    """Every neighbour counts alike."""
    return _symmetric(np.ones(neighbours.indices.size), neighbours)


def _symmetric(values: NDArray[np.float64], neighbours: Neighbours) -> csr_matrix:
    # By hand instead of openTSNE's joint_probabilities_nn, which holds three more copies.
    count, k = neighbours.indices.shape
    ends = np.arange(0, count * k + 1, k)
    directed = csr_matrix((values, neighbours.indices.ravel(), ends), shape=(count, count))
    affinities = directed + directed.T.tocsr()
    affinities.data /= affinities.data.sum()
    return affinities
