"""The rows of a set as it is now: those of its matrix that count, then those changed since."""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.matrix_files.lag import Lag
from embeddings.matrix_files.mapped import MappedMatrix, Places
from embeddings.search.masks import Mask, UnitIds

T = TypeVar("T", bound=np.generic)
Norms = NDArray[np.float64]
Rows = NDArray[np.float32]


class SetRows:
    """A matrix and what has changed since, counted through: fresh rows follow the matrix's own.

    A unit has one row that counts at most.
    """

    def __init__(self, matrix: MappedMatrix, lag: Lag) -> None:
        """Nothing is copied before it is asked for."""
        self.matrix = matrix
        self.fresh = lag.fresh
        self._lag = lag
        self._count = len(matrix.unit_ids)

    @property
    def changes(self) -> int:
        """How many units have changed since the file was written."""
        return len(self._lag.changed)

    @property
    def unit_ids(self) -> UnitIds:
        """Of all rows, dead ones too."""
        return _joined(self.matrix.unit_ids, self.fresh.unit_ids)

    @property
    def norms(self) -> Norms:
        """Lengths of all rows."""
        return _joined(self.matrix.norms, self.fresh.norms)

    def places(self, mask: Mask | None, *, with_zero: bool) -> Places | None:
        """Numbers of the rows that count, ascending; None when all do.

        Args:
            mask: the units that are looked at; None for all.
            with_zero: whether zero vectors count.
        """
        counting = self._counting(with_zero=with_zero)
        fresh = self._fresh_counting(mask, with_zero=with_zero)
        if mask is None:
            if counting is None and len(fresh) == len(self.fresh.unit_ids):
                return None
            own = np.arange(self._count) if counting is None else np.flatnonzero(counting)
        else:
            own = mask.places_in(self.matrix)
            if counting is not None:
                own = own[counting[own]]
        return _joined(own, fresh + self._count)

    def values(self, places: Places, rows_at_once: int) -> Iterator[Rows]:
        """Vectors of rows in ascending order of their numbers, some at a time."""
        border = int(np.searchsorted(places, self._count))
        for start in range(0, border, rows_at_once):
            yield self.matrix.rows(places[start : min(border, start + rows_at_once)])
        for start in range(border, len(places), rows_at_once):
            yield self.fresh.values[places[start : start + rows_at_once] - self._count]

    def _counting(self, *, with_zero: bool) -> NDArray[np.bool_] | None:
        """Which rows of the matrix count; None when all do."""
        matrix = self.matrix
        zero = matrix.zero_rows if not with_zero else matrix.zero_rows[:0]
        changed = matrix.places_of(self._lag.changed)
        if matrix.everything_alive and not len(zero) and not len(changed):
            return None
        counting = matrix.alive.copy()
        counting[zero] = counting[changed] = False
        return counting

    def _fresh_counting(self, mask: Mask | None, *, with_zero: bool) -> Places:
        """Numbers of the fresh rows that count, from 0."""
        counting = np.ones(len(self.fresh.unit_ids), dtype=np.bool_)
        if mask is not None:
            counting = mask.covers(self.fresh.unit_ids)
        if not with_zero:
            counting &= self.fresh.norms > 0
        return np.flatnonzero(counting)


def _joined(own: NDArray[T], fresh: NDArray[T]) -> NDArray[T]:
    """Both, one behind the other; without a copy when nothing is fresh."""
    return np.concatenate([own, fresh]) if len(fresh) else own
