"""How much of a root folder a map shows, and why not the rest."""

from dataclasses import dataclass

from accounts.actor import Actor
from embeddings.maps.access import visible_points
from embeddings.models import Reduction
from embeddings.services.coverage import coverage
from folders.choices import FolderRole, Metric
from folders.permissions import has_role


@dataclass(frozen=True, slots=True)
class MapCoverage:
    """Units that the actor sees in the root folder, and where they are.

    Attributes:
        units: all of them.
        shown: those on the map.
        no_vector: those without a vector under the key.
        zero: those whose vector is zero, when the metric knows no direction for it.
        unplaced: those that got their vector, or came into the folder, after the map was made.
        left: were on the map, and were deleted or moved to another root folder; they count in
            none of the others.
    """

    units: int
    shown: int
    no_vector: int
    zero: int
    left: int = 0

    @property
    def unplaced(self) -> int:
        """Units with a vector that the map does not know yet."""
        # Never below zero: a vector that was deleted since leaves its point behind.
        return max(0, self.units - self.shown - self.no_vector - self.zero)

    @property
    def text(self) -> str:
        """The sentence below a map: "1,790 of 1,797 units; 5 have no vector, 2 are zero"."""
        missing = [
            f"{count:,} {one if count == 1 else many}"
            for count, one, many in (
                (self.no_vector, "has no vector", "have no vector"),
                (self.zero, "is zero", "are zero"),
                (self.unplaced, "is not placed yet", "are not placed yet"),
            )
            if count
        ]
        units = f"{self.shown:,} of {self.units:,} unit{'' if self.units == 1 else 's'}"
        parts = [units, ", ".join(missing)] if missing else [units]
        if self.left:
            noun = "unit" if self.left == 1 else "units"
            parts.append(f"{self.left:,} {noun} left since this map was computed")
        return "; ".join(parts)


def map_coverage(actor: Actor, reduction: Reduction) -> MapCoverage:
    """Coverage of a finished map, cut by what the actor may see."""
    found = coverage(actor, reduction.root, reduction.key)
    return MapCoverage(
        units=found.units,
        shown=visible_points(actor, reduction).count(),
        no_vector=found.without_vector,
        zero=found.zero if reduction.key.metric == Metric.COSINE else 0,
        # Where they lay is not known any more: only who sees the whole root is told.
        left=reduction.units_left if has_role(actor, reduction.root, FolderRole.VIEWER) else 0,
    )
