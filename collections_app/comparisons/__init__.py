"""Two sets of units side by side: overlap, what their metadata tell apart, and what lies near."""

from collections_app.comparisons.difference import Difference, Group, Part
from collections_app.comparisons.differences import differences
from collections_app.comparisons.nearest import Near, nearest_units
from collections_app.comparisons.overlap import Overlap, overlap
from collections_app.comparisons.sides import Comparison, Side, compare, offered_sides

__all__ = [
    "Comparison",
    "Difference",
    "Group",
    "Near",
    "Overlap",
    "Part",
    "Side",
    "compare",
    "differences",
    "nearest_units",
    "offered_sides",
    "overlap",
]
