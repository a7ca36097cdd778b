"""How much of a root folder a map shows, and why not the rest."""

from dataclasses import dataclass

from accounts.actor import Actor
from embeddings.maps.access import visible_points
from embeddings.models import Reduction
from embeddings.services.coverage import coverage
from folders.choices import Metric


@dataclass(frozen=True, slots=True)
class MapCoverage:
    """Units that the actor sees in the root folder, and where they are.

    Attributes:
        units: all of them.
        shown: those on the map.
        no_vector: those without a vector under the key.
        zero: those whose vector is zero, when the metric knows no direction for it.
        unplaced: those that got their vector, or came into the folder, after the map was made.
    """

    units: int
    shown: int
    no_vector: int
    zero: int

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
        return "; ".join([units, ", ".join(missing)]) if missing else units


def map_coverage(actor: Actor, reduction: Reduction) -> MapCoverage:
    """Coverage of a finished map, cut by what the actor may see."""
    found = coverage(actor, reduction.root, reduction.key)
    return MapCoverage(
        units=found.units,
        shown=visible_points(actor, reduction).count(),
        no_vector=found.without_vector,
        zero=found.zero if reduction.key.metric == Metric.COSINE else 0,
    )
