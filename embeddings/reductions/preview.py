"""A first look at the vectors: their principal components, long before the layout begins.

Needs numpy alone: scikit-learn and openTSNE take seconds to load.
"""

import numpy as np

from embeddings.reductions.layout import Matrix, Points
from embeddings.reductions.preparation import Metric

SAMPLED = 10_000
_ROWS = 8192
# The two leading axes are found among a few more, which makes each round gain more.
_AXES, _ROUNDS = 8, 12


def preview(vectors: Matrix, metric: Metric, *, seed: int) -> Points:
    """Places along the two leading principal components, found from at most 10,000 rows.

    Axes point as scikit-learn's do, so that the layout, which begins there, does not jump. The unit
    is the largest value of the sample in any dimension.

    Args:
        vectors: shape (n, dimensions), as they are stored; left as they are.
        metric: as for the layout.
        seed: chooses the rows.
    """
    count = len(vectors)
    points = np.zeros((count, 2), dtype=np.float32)
    if not count:
        return points
    sample = _scaled(_sample(vectors, seed), metric)
    mean = sample.mean(axis=0, dtype=np.float64).astype(np.float32)
    # As for the layout: squares beyond 1e19 overflow.
    largest = np.abs(sample - mean).max() or np.float32(1)
    axes = _leading_axes((sample - mean) / largest, seed)
    for start in range(0, count, _ROWS):
        rows = _scaled(vectors[start : start + _ROWS], metric)
        points[start : start + _ROWS, : len(axes)] = ((rows - mean) / largest) @ axes.T
    return points


def _sample(vectors: Matrix, seed: int) -> Matrix:
    if len(vectors) <= SAMPLED:
        return vectors
    chosen = np.random.default_rng(seed).choice(len(vectors), size=SAMPLED, replace=False)
    sampled: Matrix = vectors[np.sort(chosen)]
    return sampled


def _scaled(rows: Matrix, metric: Metric) -> Matrix:
    """Rows of length 1 under cosine."""
    if metric != "cosine":
        return rows
    # Squares of large and of tiny values leave float32.
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    norms[norms == 0] = 1
    scaled: Matrix = rows / norms.astype(np.float32)[:, None]
    return scaled


def _leading_axes(centred: Matrix, seed: int) -> Matrix:
    """Up to two axes, by orthogonal iteration: shape (2, dimensions), or (1, 1)."""
    width = min(_AXES, centred.shape[1])
    basis = np.random.default_rng(seed).standard_normal((centred.shape[1], width))
    basis = np.linalg.qr(basis)[0].astype(np.float32)
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(centred.T @ (centred @ basis))[0]
    # Within the basis the axes are those of a small matrix.
    turned = np.linalg.svd(centred @ basis, full_matrices=False)[2] @ basis.T
    axes = turned[:2]
    largest = np.abs(axes).argmax(axis=1)
    signs = np.sign(axes[np.arange(len(axes)), largest])
    pointed: Matrix = (axes * np.where(signs == 0, 1, signs)[:, None]).astype(np.float32)
    return pointed
