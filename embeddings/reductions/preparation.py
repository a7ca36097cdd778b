"""Turns a metric into Euclidean distances, which the methods work with."""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from embeddings.reductions.layout import Matrix

Metric = Literal["cosine", "l2", "inner_product"]

# Rows at a time: temporary float64 copies of 4,096 dimensions take 32 MB.
_ROWS = 1024


def prepare(vectors: Matrix, metric: Metric) -> Matrix:
    """Change the vectors in place, so that Euclidean distance means what the metric means.

    cosine: each row gets length 1; the squared Euclidean distance is then twice the cosine
    distance. Rows of zeros have no direction and stay zero: leave them out beforehand.
    l2: as they are.
    inner_product: as they are. It is no distance (a vector need not be nearest to itself), and its
    map shows the vectors as they lie in space.

    Then all are moved and scaled together, which changes no neighbourhood: into the middle, because
    small differences between large values are lost in float32, and to at most 1 in each dimension,
    because squares beyond 1e19 overflow there.
    """
    if vectors.shape[1] == 0:
        raise ValueError("Vectors need at least one dimension.")
    if metric == "cosine":
        for rows in _chunks(vectors):
            # In float64: squares of float32 neither overflow nor vanish there.
            exact = rows.astype(np.float64)
            norms = np.sqrt(np.einsum("ij,ij->i", exact, exact))
            norms[norms == 0] = 1
            rows[:] = exact / norms[:, None]
    _centre_and_scale(vectors)
    return vectors


def all_rows_equal(vectors: Matrix) -> bool:
    """Whether no two rows differ; true for fewer than two rows."""
    return all(bool((rows == vectors[0]).all()) for rows in _chunks(vectors))


def _centre_and_scale(vectors: Matrix) -> None:
    if not len(vectors):
        return
    mean = sum(rows.sum(axis=0, dtype=np.float64) for rows in _chunks(vectors)) / len(vectors)
    largest = max(float(np.abs(rows - mean).max()) for rows in _chunks(vectors))
    for rows in _chunks(vectors):
        rows[:] = (rows - mean) / (largest or 1)


def _chunks(vectors: Matrix) -> Iterator[Matrix]:
    """Views on the rows, some at a time."""
    for start in range(0, len(vectors), _ROWS):
        yield vectors[start : start + _ROWS]
