"""Bars over days, as figures that a template draws in SVG. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, GAP = 280, 64, 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar, in the units of the picture."""

    day: date
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart."""

    title: str
    tone: str
    total: int
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT


def bars(
    title: str, days: Sequence[date], values: Mapping[date, int], *, tone: str = "plain"
) -> Bars:
    """A bar for each day, the highest as high as the picture; whatever is not 0 has a line."""
    numbers = [values.get(day, 0) for day in days]
    highest = max(numbers, default=0) or 1
    step = WIDTH / max(1, len(days))
    drawn = []
    for place, (day, value) in enumerate(zip(days, numbers, strict=True)):
        height = max(2.0, HEIGHT * value / highest) if value else 0.0
        x, width = place * step + GAP / 2, step - GAP
        drawn.append(Bar(day, value, round(x, 1), HEIGHT - height, round(width, 1), height))
    return Bars(title, tone, sum(numbers), tuple(drawn))
