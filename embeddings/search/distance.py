"""The distance of two vectors: the one definition that order and thresholds follow.

Vectors are float32; every sum here is float64, row by row, so that a distance does not depend on
which other rows are computed with it. Engines may find candidates by quicker arithmetic; what they
return is decided by these functions, ties by unit id. Pure: knows no database.
"""

import numpy as np
import numpy.typing as npt

from folders.choices import Metric

Rows = npt.NDArray[np.float32]
Distances = npt.NDArray[np.float64]


def distances(query: Rows, rows: Rows, metric: Metric) -> Distances:
    """Distances from a query of shape (d,) to rows of shape (n, d), in float64 of shape (n,).

    cosine         1 - a·b / (|a| |b|), from 0 to 2; undefined (NaN) for a zero vector
    l2             |a - b|
    inner_product  -a·b, so that smaller is nearer here as well
    """
    one = query.astype(np.float64)
    many = np.ascontiguousarray(rows, dtype=np.float64)
    if metric == Metric.L2:
        straight: Distances = np.sqrt(_row_sums(np.square(many - one)))
        return straight
    products = _row_sums(many * one)
    found: Distances
    if metric == Metric.INNER_PRODUCT:
        found = -products + 0.0  # never the negative zero
        return found
    with np.errstate(invalid="ignore"):
        # One root of the product, not a product of two roots: a vector's distance to itself is
        # then exactly 0. Squares of squares of float32 stay far within float64.
        lengths = np.sqrt(_row_sums(np.square(many)) * np.square(one).sum())
        found = np.clip(1.0 - products / lengths, 0.0, 2.0)
    return found


def norms(rows: Rows) -> Distances:
    """Euclidean lengths of rows of shape (n, d), in float64 of shape (n,)."""
    lengths: Distances = np.sqrt(_row_sums(np.square(np.asarray(rows, dtype=np.float64))))
    return lengths


def _row_sums(values: npt.NDArray[np.float64]) -> Distances:
    """Sums along each row; numpy adds the numbers of one row in an order that only d decides."""
    sums: Distances = values.sum(axis=1)
    return sums
