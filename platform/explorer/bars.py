"""Histograms as drawings: 100 wide, stretched by the page."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100
GAP = 0.5
# One unit among thousands is still to be seen.
LEAST_HEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: place and size in the drawing, the values it covers, whether they are in range."""

    x: float
    y: float
    width: float
    height: float
    low: float
    high: float
    is_on: bool


def bars_of(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    low: float | None,
    high: float | None,
    height: int,
) -> tuple[Bar, ...]:
    """Bars of equal width for counts between edges (one more than counts).

    Args:
        low, high: the range that is chosen, both included; None is open.
        height: of the drawing; the greatest count fills it.
    """
    most = max(counts, default=0) or 1
    step = WIDTH / max(len(counts), 1)
    bars = []
    for place, count in enumerate(counts):
        first, last = edges[place], edges[place + 1]
        tall = max(height * count / most, LEAST_HEIGHT) if count else 0.0
        bars.append(
            Bar(
                x=round(place * step, 3),
                y=round(height - tall, 2),
                width=round(step - GAP, 3),
                height=round(tall, 2),
                low=first,
                high=last,
                is_on=(low is None or last >= low) and (high is None or first <= high),
            )
        )
    return tuple(bars)
