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
from embeddings.search.distance import Distances, norms
from folders.choices import Metric

_UNIT_ROUNDOFF = 2.0**-24
# Differences and squares round as well, and a little is left for the float64 steps at the end.
_EXTRA_ROUNDINGS = 8
# What is lost when products fall below the smallest normal float32 (1.2e-38) and are flushed to
# zero: 4,096 of them in a sum; their root in a length; their share in a cosine of short vectors.
_LOST_PRODUCTS = 1e-34
_LOST_SQUARES = 1e-16
_LOST_COSINE = 1e-10
# Up to this length of the query, no square of a difference overflows under L2.
_LARGEST_L2_QUERY = 1e18

OPERATORS = {Metric.COSINE: "<=>", Metric.L2: "<->", Metric.INNER_PRODUCT: "<#>"}


@dataclass(frozen=True, slots=True)
class Slack:
    """A query as PostgreSQL gets it, and how far what it computes (d) may be off.

    The exact distance, times `scale`, lies within d ± (relative · d + per_norm · norm + absolute),
    where norm is the row's. A query of extreme length is scaled by a power of two, which is exact.
    """

    query: npt.NDArray[np.float32]
    scale: float = 1.0
    relative: float = 0.0
    per_norm: float = 0.0
    absolute: float = 0.0

    def lower_sql(self, d: str, norm: str) -> str:
        """The lower bound, in SQL over expressions of d and norm."""
        return self._sql(d, norm, "-")

    def upper_sql(self, d: str, norm: str) -> str:
        """The upper bound, in SQL over expressions of d and norm."""
        return self._sql(d, norm, "+")

    def bounds(self, d: Distances, norm: Distances) -> tuple[Distances, Distances]:
        """Lower and upper bounds, scaled back, for arrays of d and norm."""
        if math.isinf(self.absolute):
            return np.full(len(d), -math.inf), np.full(len(d), math.inf)
        width = self.relative * d + self.per_norm * norm + self.absolute
        return (d - width) / self.scale, (d + width) / self.scale

    def _sql(self, d: str, norm: str, sign: str) -> str:
        if math.isinf(self.absolute):
            # d itself may be infinite, and the difference of infinities is no number.
            return f"'{sign}Infinity'::float8"
        factor = 1 + self.relative if sign == "+" else 1 - self.relative
        relative = f"({d}) * {factor!r}" if self.relative else f"({d})"
        per_norm = f" {sign} {self.per_norm!r} * {norm}" if self.per_norm else ""
        return f"({relative}{per_norm} {sign} {self.absolute!r})"


def slack_of(query: npt.NDArray[np.float32], metric: Metric) -> Slack:
    """The bounds for a query of shape (d,)."""
    gamma = gamma_of(len(query))
    length = float(norms(query[np.newaxis])[0])
    if metric == Metric.L2:
        if length > _LARGEST_L2_QUERY:
            return Slack(query, absolute=math.inf)
        return Slack(query, relative=gamma, absolute=_LOST_SQUARES)
    scale = scale_of(length)
    scaled = (query.astype(np.float64) * scale).astype(np.float32)
    if metric == Metric.COSINE:
        # Once for the product, once for the two lengths together.
        return Slack(scaled, absolute=2.1 * gamma + _LOST_COSINE)
    return Slack(
        scaled, scale=scale, per_norm=1.01 * gamma * length * scale, absolute=_LOST_PRODUCTS
    )


def gamma_of(dimensions: int) -> float:
    """How far a float32 sum of so many products may be off, as a share of their magnitudes."""
    count = dimensions + _EXTRA_ROUNDINGS
    return count * _UNIT_ROUNDOFF / (1 - count * _UNIT_ROUNDOFF)


def scale_of(length: float) -> float:
    """The power of two that brings an extreme length near 1; 1 for ordinary lengths."""
    if length == 0 or SMALLEST_PLAIN_NORM <= length <= LARGEST_PLAIN_NORM:
        return 1.0
    return 2.0 ** -math.frexp(length)[1]
