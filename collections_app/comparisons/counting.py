"""What the database adds up of a field of one set of units."""

from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Avg,
    Count,
    Expression,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    Min,
    Value,
    Variance,
)
from django.db.models.functions import Cast, Least

from collections_app.comparisons.effects import Moments
from folders.querysets import UnitQuerySet

Field = Expression | F


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the greatest value."""

    low: float
    high: float

    def edges(self, bins: int) -> list[float]:
        """Ends of equal bins, one more than there are bins; of one bin where there is one value."""
        if self.low == self.high:
            return [self.low, self.high]
        # Each end is weighed by itself: the span of two finite numbers may be infinite.
        inner = [self.low * (1 - n / bins) + self.high * (n / bins) for n in range(1, bins)]
        return [self.low, *inner, self.high]


class Seconds(Func):
    """A moment in seconds since 1970."""

    template = "EXTRACT(EPOCH FROM %(expressions)s)::double precision"
    output_field = FloatField()


def moments_of(units: UnitQuerySet, value: Field) -> tuple[Moments, Span | None]:
    """Number, mean and variance of the values, and their span, None without any.

    Raises:
        DataError: the values are so large that their squares are no numbers.
    """
    found: dict[str, Any] = (
        units.order_by()
        .annotate(value=Cast(value, FloatField()))
        .aggregate(
            n=Count("value"),
            mean=Avg("value"),
            variance=Variance("value", sample=True),
            low=Min("value"),
            high=Max("value"),
        )
    )
    span = Span(found["low"], found["high"]) if found["n"] else None
    return Moments(found["n"], found["mean"] or 0.0, found["variance"] or 0.0), span


def bin_counts(units: UnitQuerySet, value: Field, span: Span, bins: int) -> list[int]:
    """How many values lie in each of equal bins of the span; the last holds its end."""
    place: Expression = Value(1, output_field=IntegerField())
    if span.low != span.high:
        # The greatest value has a bin of its own to the database.
        place = Least(
            Func(
                F("value"),
                Value(span.low),
                Value(span.high),
                Value(bins),
                function="width_bucket",
                output_field=IntegerField(),
            ),
            Value(bins),
        )
    counts = [0] * (bins if span.low != span.high else 1)
    rows = (
        units.order_by()
        .annotate(value=Cast(value, FloatField()))
        .exclude(value=None)
        .annotate(place=place)
        .values_list("place")
        .annotate(n=Count("pk"))
    )
    for at, count in rows:
        # What was written since the span was read may lie beyond its ends.
        counts[min(max(at, 1), len(counts)) - 1] += count
    return counts


def word_counts(units: UnitQuerySet, value: Field, most: int) -> dict[str, int]:
    """Units by value, the most frequent first, `most` values of them."""
    rows = (
        units.order_by()
        .annotate(value=value)
        .exclude(value=None)
        .values_list("value")
        .annotate(n=Count("pk"))
        .order_by("-n", "value")
    )
    return {str(word): count for word, count in rows[:most]}


def valued(units: UnitQuerySet, value: Field) -> int:
    """How many units have a value."""
    return units.order_by().annotate(value=value).exclude(value=None).count()
