"""What tells two sets apart: each field's values in one beside those in the other.

Only units that have a value count. Values are added up by the database: a comparison of a million
units holds some hundred numbers.
"""

from django.db import DataError, transaction

from collections_app.comparisons.difference import Difference, Group
from collections_app.comparisons.fields import Comparer, Sides, Sizes, comparers
from collections_app.comparisons.overlap import Overlap
from collections_app.comparisons.sides import Comparison


def differences(compared: Comparison, found: Overlap) -> list[Difference]:
    """All fields that can be compared and have a value on some side, greatest effect first.

    Args:
        compared: the two sides.
        found: how many units they have.
    """
    sides = compared.units(compared.a), compared.units(compared.b)
    sizes = found.a, found.b
    every = [_difference(comparer, sides, sizes) for comparer in comparers(compared.actor)]
    with_values = [one for one in every if one.a.with_value or one.b.with_value or one.reason]
    return sorted(with_values, key=_rank)


def _difference(comparer: Comparer, sides: Sides, sizes: Sizes) -> Difference:
    try:
        # A savepoint: what cannot be added up ends its statement, not the page.
        with transaction.atomic():
            return comparer(sides, sizes)
    except DataError:
        reason = "Some values are too large to be averaged."
        a, b = (Group(0, size) for size in sizes)
        named = comparer.field, comparer.label, comparer.type
        return Difference(*named, a, b, (), reason=reason)


def _rank(one: Difference) -> tuple[float, str]:
    return (-one.effect.weight if one.effect else 1.0, one.label)
