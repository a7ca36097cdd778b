"""The bars of a histogram: how many distances lie in each. Pure: knows no database."""

import numpy as np
import numpy.typing as npt

from embeddings.search.blocks import blocks
from embeddings.search.distance import Distances

Numbers = npt.NDArray[np.intp]

# Positions of values among the bars are rounded by less than a millionth of a bar, unless all bars
# together are so narrow that the edges themselves are rounded too much to reckon with.
_ROUNDING = 1e-6
_NARROW = 1e-6


class Bars:
    """Bars of equal width between two ends; the last one includes its end."""

    def __init__(self, minimum: float, maximum: float, count: int) -> None:
        """Between the smallest and the largest distance."""
        self.edges: Distances = np.linspace(minimum, maximum, count + 1)
        self._count = count
        self._width = maximum - minimum

    def of(self, values: Distances) -> Numbers:
        """The bar of each value; values beyond the ends belong to the outermost bars."""
        return np.searchsorted(self.edges[1:-1], values, side="right")

    def counted(self, values: Distances) -> Numbers:
        """How many of the values lie in each bar."""
        return np.bincount(self.of(values), minlength=self._count)

    def counted_surely(self, lower: Distances, upper: Distances) -> tuple[Numbers, Numbers]:
        """(how many surely lie in each bar, places of those that an edge may divide from it).

        Args:
            lower, upper: limits of the values.
        """
        counts = np.zeros(self._count, dtype=np.intp)
        astride = [np.empty(0, dtype=np.intp)]
        for part in blocks(len(lower)):
            first, last = self._reached(lower[part], upper[part])
            same = first == last
            if not same.all():
                astride.append(np.flatnonzero(~same) + part.start)
                first = first[same]
            counts += np.bincount(first, minlength=self._count)
        return counts, np.concatenate(astride)

    def _reached(self, lower: Distances, upper: Distances) -> tuple[Numbers, Numbers]:
        """The first and the last bar that a value may lie in."""
        if self._width <= _NARROW * np.abs(self.edges).max():
            return self.of(lower), self.of(upper)
        return self._number(lower, -_ROUNDING), self._number(upper, _ROUNDING)

    def _number(self, values: Distances, rounding: float) -> Numbers:
        """Numbers of bars by a product, in a quarter of the time of a search among the edges."""
        places = values - self.edges[0]
        places *= self._count / self._width
        places += rounding
        np.clip(places, 0, self._count - 1, out=places)
        numbers: Numbers = places.astype(np.intp)
        return numbers
