"""Limits of distances from float32 products and float64 lengths: bounds, not guesses.

A product of n numbers in float32 differs from the exact one by at most gamma(n) times |a||b|, in
whatever order BLAS adds them (see embeddings.search.slack). Lengths of rows are known in float64.
Rows of extreme length have no limits; they are always measured. Pure: knows no database.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.constants import LARGEST_PLAIN_NORM, SMALLEST_PLAIN_NORM
from embeddings.search.blocks import blocks
from embeddings.search.distance import Distances, norms
from embeddings.search.slack import gamma_of, scale_of
from folders.choices import Metric

# What is lost when products fall below the smallest normal float32: in a sum of 4,096 of them, and
# in the cosine of vectors of the smallest plain length.
_LOST_PRODUCTS = 1e-34
_LOST_COSINE = 1e-10
# Rounding of squares of float64 lengths.
_LOST_SQUARES = 1e-11


@dataclass(frozen=True, slots=True)
class Limits:
    """Lower and upper limits of exact distances, both of shape (n,)."""

    lower: Distances
    upper: Distances


@dataclass(frozen=True, slots=True)
class Estimator:
    """A query as it is multiplied, and what products say about distances.

    A query of extreme length is multiplied by a power of two, which is exact.
    """

    query: npt.NDArray[np.float32]
    metric: Metric
    scale: float
    length: float
    gamma: float

    @classmethod
    def of(cls, query: npt.NDArray[np.float32], metric: Metric) -> "Estimator":
        """For a query of shape (d,)."""
        length = float(norms(query[np.newaxis])[0])
        scale = scale_of(length)
        scaled = (query.astype(np.float64) * scale).astype(np.float32)
        return cls(scaled, metric, scale, length, 1.01 * gamma_of(len(query)))

    def limits(self, products: npt.NDArray[np.float32], lengths: Distances) -> Limits:
        """Limits for rows of these lengths; zero rows have no direction, so no cosine."""
        found = Limits(np.empty(len(products)), np.empty(len(products)))
        for part in blocks(len(products)):
            with np.errstate(all="ignore"):
                limits = self._plain(products[part].astype(np.float64), lengths[part])
            found.lower[part], found.upper[part] = limits.lower, limits.upper
            extreme = is_extreme(lengths[part])
            if extreme.any():
                found.lower[part][extreme] = -math.inf
                found.upper[part][extreme] = math.inf
        return found

    def _plain(self, products: Distances, lengths: Distances) -> Limits:
        if self.metric == Metric.COSINE:
            products /= lengths * -(self.length * self.scale)
            products += 1.0
            width = self.gamma + _LOST_COSINE
            return Limits(products - width, products + width)
        if self.scale != 1.0:
            products /= self.scale
        widths = lengths * (self.gamma * self.length)
        widths += _LOST_PRODUCTS / self.scale
        if self.metric == Metric.INNER_PRODUCT:
            return Limits(-products - widths, widths - products)
        squares = np.square(lengths) + self.length**2
        widths = 2 * widths + _LOST_SQUARES * squares
        squares -= 2 * products
        lower, upper = squares - widths, squares + widths
        return Limits(np.sqrt(np.maximum(lower, 0.0)), np.sqrt(np.maximum(upper, 0.0)))


def is_extreme(lengths: Distances) -> npt.NDArray[np.bool_]:
    """Which lengths are such that float32 products of their rows say nothing."""
    extreme: npt.NDArray[np.bool_] = (lengths < SMALLEST_PLAIN_NORM) & (lengths > 0)
    extreme |= lengths > LARGEST_PLAIN_NORM
    return extreme
