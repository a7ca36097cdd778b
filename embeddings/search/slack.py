"""How far PostgreSQL's float32 distance may lie from the exact one: bounds, not guesses.

A float32 sum of n products differs from the exact sum by at most gamma(n) times the sum of their
magnitudes, in whatever order they are added (Higham, Accuracy and Stability of Numerical
Algorithms, §3.1). The exact distance of a row therefore lies between `lower` and `upper`. That
holds for lengths at which nothing overflows or underflows; rows of other lengths are not bounded
but computed (constants.SMALLEST_PLAIN_NORM). Pure: knows no database.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.constants import LARGEST_PLAIN_NORM, SMALLEST_PLAIN_NORM
from embeddings.search.distance import norms
from folders.choices import Metric

_UNIT_ROUNDOFF = 2.0**-24
# Differences and squares round as well, and a little is left for the float64 steps at the end.
_EXTRA_ROUNDINGS = 8
# What products lose that fall below the smallest normal float32 and are flushed to zero.
_LOST_BY_UNDERFLOW = 1e-10
# Up to this length of the query, no square of a difference overflows under L2.
_LARGEST_L2_QUERY = 1e18

OPERATORS = {Metric.COSINE: "<=>", Metric.L2: "<->", Metric.INNER_PRODUCT: "<#>"}


@dataclass(frozen=True, slots=True)
class Slack:
    """A query as PostgreSQL gets it, and the bounds of what it computes.

    `lower` and `upper` are SQL over d (its distance) and norm. Distances it computes are `scale`
    times the exact ones: a query of extreme length is scaled by a power of two, which is exact.
    """

    query: npt.NDArray[np.float32]
    scale: float
    lower: str
    upper: str


def slack_of(query: npt.NDArray[np.float32], metric: Metric) -> Slack:
    """The bounds for a query of shape (d,)."""
    count = len(query) + _EXTRA_ROUNDINGS
    gamma = count * _UNIT_ROUNDOFF / (1 - count * _UNIT_ROUNDOFF)
    length = float(norms(query[np.newaxis])[0])
    if metric == Metric.L2:
        if length > _LARGEST_L2_QUERY:
            return Slack(query, 1.0, "'-Infinity'::float8", "'Infinity'::float8")
        lost = f"{1e-16!r}"
        return Slack(query, 1.0, f"d * {1 - gamma!r} - {lost}", f"d * {1 + gamma!r} + {lost}")
    scale = _scale(length)
    scaled = (query.astype(np.float64) * scale).astype(np.float32)
    if metric == Metric.COSINE:
        # Once for the product, once for the two lengths together.
        width = 2.1 * gamma + _LOST_BY_UNDERFLOW
        return Slack(scaled, 1.0, f"d - {width!r}", f"d + {width!r}")
    width = gamma * length * scale
    lost = f"{1e-34!r}"
    return Slack(
        scaled, scale, f"d - ({width!r} * norm + {lost})", f"d + ({width!r} * norm + {lost})"
    )


def _scale(length: float) -> float:
    """The power of two that brings an extreme length near 1; 1 for ordinary lengths."""
    if length == 0 or SMALLEST_PLAIN_NORM <= length <= LARGEST_PLAIN_NORM:
        return 1.0
    return 2.0 ** -math.frexp(length)[1]
