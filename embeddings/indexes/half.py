"""Vectors in half precision: good for finding candidates, never for measuring them.

Pure: knows no database.
"""

import math

import numpy as np
import numpy.typing as npt

from folders.choices import Metric

Rows = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]

_LARGEST = float(np.finfo(np.float16).max)
# The largest numbers become about as large, so that some larger ones can still come.
_USUAL_SIZE = 1024.0


def scale_for(sample: Rows, metric: Metric) -> float:
    """What to multiply vectors like these by: a power of two, which keeps every digit."""
    largest = float(np.abs(sample).max()) if sample.size else 0.0
    if metric == Metric.COSINE or largest == 0:
        return 1.0
    return 2.0 ** math.floor(math.log2(_USUAL_SIZE / largest))


def halves_of(rows: Rows, norms: npt.NDArray[np.float64], metric: Metric, scale: float) -> Halves:
    """Vectors of shape (n, d): of length 1 under cosine, scaled and cut to what fits otherwise."""
    many = rows.astype(np.float64)
    if metric == Metric.COSINE:
        return (many / norms[:, np.newaxis]).astype(np.float16)
    return np.clip(many * scale, -_LARGEST, _LARGEST).astype(np.float16)


def query_text(query: Rows, metric: Metric, scale: float) -> str:
    """A query of shape (d,) as pgvector reads it; only L2 asks for more than its direction."""
    one = query.astype(np.float64)
    length = math.sqrt(float(np.square(one).sum()))
    if metric == Metric.L2:
        one = np.clip(one * scale, -_LARGEST, _LARGEST)
    elif length:
        one = one / length
    return "[" + ",".join(map(repr, one.astype(np.float16).astype(float).tolist())) + "]"
