"""How far a map differs from the one that it was computed from, of the units that a person sees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts.actor import Actor
from embeddings.copying import Records, read_queryset
from embeddings.maps.access import Points, get_ready_map, visible_points
from embeddings.models import Reduction
from embeddings.reductions.alignment import drift

MOST_MOVED = 50


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit that moved far: ordinal on the new map, and how far as a share of the old width."""

    unit: int
    ordinal: int
    shift: float


@dataclass(frozen=True, slots=True)
class DriftReport:
    """A map and the version before it, if there is one.

    The numbers are None when fewer than two units are on both.
    """

    version: int
    before: int | None
    common: int
    neighbours_kept: float | None
    median_shift: float | None
    most_moved: list[Moved]

    @property
    def neighbours_kept_percent(self) -> int:
        """For people."""
        return round(100 * (self.neighbours_kept or 0))

    @property
    def median_shift_percent(self) -> int:
        """For people."""
        return round(100 * (self.median_shift or 0))


def drift_report(actor: Actor, reduction: Reduction) -> DriftReport:
    """Compare a finished map with the version before it.

    Raises:
        Conflict: the map is not finished.
    """
    new = get_ready_map(actor, reduction.pk)
    old = earlier_version(new)
    if old is None:
        return DriftReport(new.version, None, 0, None, None, [])
    before, after = common_rows(visible_points(actor, old), visible_points(actor, new))
    found = drift(_places(before), _places(after))
    if found is None:
        return DriftReport(new.version, old.version, len(after), None, None, [])
    farthest = np.argsort(-found.shifts, kind="stable")[:MOST_MOVED].tolist()
    return DriftReport(
        version=new.version,
        before=old.version,
        common=len(after),
        neighbours_kept=found.neighbours_kept,
        median_shift=found.median_shift,
        most_moved=[
            Moved(
                unit=int(after["unit"][row]),
                ordinal=int(after["ordinal"][row]),
                shift=float(found.shifts[row]),
            )
            for row in farthest
        ],
    )


def earlier_version(reduction: Reduction) -> Reduction | None:
    """The finished version before one, if it was not discarded."""
    earlier = Reduction.objects.filter(
        root=reduction.root_id, key=reduction.key_id, version__lt=reduction.version
    ).select_related("root", "key")
    return earlier.ready().newest_first().first()


def common_rows(old: Points, new: Points) -> tuple[Records, Records]:
    """Unit, x, y and ordinal of the units that are on both, by ascending unit."""
    before, after = _rows(old), _rows(new)
    _, first, second = np.intersect1d(
        before["unit"], after["unit"], assume_unique=True, return_indices=True
    )
    return before[first], after[second]


def _rows(points: Points) -> Records:
    columns = [("unit", "i8"), ("x", "f4"), ("y", "f4"), ("ordinal", "i4")]
    return read_queryset(points.values_list("unit", "x", "y", "ordinal"), columns)


def _places(rows: Records) -> NDArray[np.float64]:
    return np.column_stack([rows["x"], rows["y"]]).astype(np.float64)
