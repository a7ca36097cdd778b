"""How much two sets have in common."""

from dataclasses import dataclass

from collections_app.comparisons.sides import Comparison, Tree, both
from folders import filters


@dataclass(frozen=True, slots=True)
class Overlap:
    """Units by the sides that they are in, of those that the actor sees."""

    only_a: int
    only_b: int
    in_both: int
    neither: int

    @property
    def a(self) -> int:
        """Units of the first side."""
        return self.only_a + self.in_both

    @property
    def b(self) -> int:
        """Units of the second side."""
        return self.only_b + self.in_both

    @property
    def either(self) -> int:
        """Units of at least one side."""
        return self.only_a + self.in_both + self.only_b

    @property
    def jaccard(self) -> float | None:
        """Units of both sides over those of either; None of two empty sets."""
        return self.in_both / self.either if self.either else None


def overlap(compared: Comparison) -> Overlap:
    """Count the units of either side, of both, and of neither."""
    a, b = _count(compared, compared.a.tree), _count(compared, compared.b.tree)
    in_both = _count(compared, both(compared.a.tree, compared.b.tree))
    total = _count(compared, None)
    # Counted one after the other, while others write: no part is ever less than nothing.
    in_both = min(in_both, a, b)
    return Overlap(
        only_a=a - in_both,
        only_b=b - in_both,
        in_both=in_both,
        neither=max(total - a - b + in_both, 0),
    )


def _count(compared: Comparison, tree: Tree | None) -> int:
    node = filters.parse(tree) if tree is not None else None
    return filters.count_units(compared.actor, compared.root, node)
