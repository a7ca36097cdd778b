"""Limits of all distances of a search, narrowed to exact ones where something depends on it."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from embeddings.search.distance import Distances
from embeddings.services.coverage import Coverage

Places = npt.NDArray[np.intp]
"""Places in the arrays of bounds, ascending."""


class Bounds:
    """Every searched unit with limits of its distance: arrays of shape (n,), in no order.

    Exact distances have equal limits; what is not known at all has minus and plus infinity. One
    read of these serves a page, its percentiles and the histogram.
    """

    def __init__(
        self,
        unit_ids: npt.NDArray[np.int64],
        lower: Distances,
        upper: Distances,
        measure: Callable[[Places], Distances],
        count: Callable[[], Coverage],
    ) -> None:
        """Take arrays over; limits are replaced in place.

        Args:
            unit_ids, lower, upper: the units and their limits.
            measure: exact distances of units by their places; NaN where the vector has gone.
            count: as Engine.counts, of the same rows.
        """
        self.unit_ids = unit_ids
        self.lower = lower
        self.upper = upper
        self.count = count
        self._measure = measure
        # Where the units stood at first, once some have gone.
        self._origins: Places | None = None

    def __len__(self) -> int:
        """How many units were searched."""
        return len(self.unit_ids)

    def settle(self, choose: Callable[["Bounds"], Places]) -> Places:
        """Replace the limits of the units that are chosen by their exact distances.

        Units whose vectors went away since the limits were read are dropped; then others may be
        due, so that it is chosen again. Returns the places of those chosen at last.
        """
        while True:
            chosen = choose(self)
            open_ones = chosen[self.lower[chosen] != self.upper[chosen]]
            if not len(open_ones):
                return chosen
            origins = open_ones if self._origins is None else self._origins[open_ones]
            exact = self._measure(origins)
            self.lower[open_ones] = self.upper[open_ones] = exact
            gone = open_ones[np.isnan(exact)]
            if not len(gone):
                return chosen
            self._drop(gone)

    def _drop(self, gone: Places) -> None:
        origins = np.arange(len(self)) if self._origins is None else self._origins
        self._origins = np.delete(origins, gone)
        self.unit_ids = np.delete(self.unit_ids, gone)
        self.lower, self.upper = np.delete(self.lower, gone), np.delete(self.upper, gone)


def nearer_than(bounds: Bounds, distances: Distances) -> npt.NDArray[np.intp]:
    """For each of some distances (k,), how many of all units lie strictly nearer: (k,)."""
    if not len(distances):
        return np.empty(0, dtype=np.intp)
    ordered = np.unique(distances)

    def astride(limits: Bounds) -> Places:
        near = _between(limits, ordered)
        first = np.searchsorted(ordered, limits.lower[near], side="left")
        end = np.searchsorted(ordered, limits.upper[near], side="right")
        return near[first < end]

    bounds.settle(astride)
    near = bounds.lower[_between(bounds, ordered)]
    before = np.count_nonzero(bounds.upper < ordered[0])
    return before + np.searchsorted(np.sort(near), distances, side="left")


def _between(bounds: Bounds, ordered: Distances) -> Places:
    """Units that may lie between the first and the last of ascending distances."""
    return np.flatnonzero((bounds.upper >= ordered[0]) & (bounds.lower <= ordered[-1]))
