"""Effect sizes: how far two groups differ, whatever their sizes. Knows no Django.

Measures and words for their size are those of Jacob Cohen, Statistical Power Analysis for the
Behavioral Sciences, 2nd edition, 1988: d for means (chapter 2), h for shares (chapter 6), and w
for counts by category (chapter 7), which for two groups is Cramér's V.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Magnitude(StrEnum):
    """Cohen's words, in their order."""

    NEGLIGIBLE = "negligible"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Effect:
    """A measure by its letter; `value` is not negative, and infinite where groups do not vary."""

    letter: str
    value: float

    @property
    def magnitude(self) -> Magnitude:
        """The value in a word."""
        words = (Magnitude.SMALL, Magnitude.MEDIUM, Magnitude.LARGE)
        reached = [
            w for w, least in zip(words, _LEAST[self.letter], strict=True) if self.value >= least
        ]
        return reached[-1] if reached else Magnitude.NEGLIGIBLE

    @property
    def finite(self) -> float | None:
        """The value, None where it is infinite."""
        return self.value if math.isfinite(self.value) else None

    @property
    def weight(self) -> float:
        """The value over the least that is called large: what effects of all letters sort by."""
        return self.value / _LEAST[self.letter][-1]


# From where on an effect is small, medium, large.
_LEAST = {"d": (0.2, 0.5, 0.8), "h": (0.2, 0.5, 0.8), "V": (0.1, 0.3, 0.5)}


@dataclass(frozen=True, slots=True)
class Moments:
    """Number of values, their mean, and their variance over n - 1."""

    count: int
    mean: float
    variance: float


def cohens_d(a: Moments, b: Moments) -> Effect | None:
    """The difference of means in pooled standard deviations; None where a group has no value."""
    if a.count == 0 or b.count == 0:
        return None
    difference = abs(a.mean - b.mean)
    freedom = a.count + b.count - 2
    spread = (max(a.count - 1, 0) * a.variance + max(b.count - 1, 0) * b.variance) / max(freedom, 1)
    if spread <= 0.0:
        return Effect("d", math.inf if difference else 0.0)
    return Effect("d", difference / math.sqrt(spread))


def cohens_h(share_a: float, share_b: float) -> Effect:
    """The difference of two shares from 0 to 1, by their arcsines."""
    return Effect("h", abs(_arcsine(share_a) - _arcsine(share_b)))


def cramers_v(a: Mapping[str, int], b: Mapping[str, int]) -> Effect | None:
    """From counts by category, 0 where their shares are the same to 1 where no category is in both.

    None where a group has no value.
    """
    totals = sum(a.values()), sum(b.values())
    if 0 in totals:
        return None
    whole = sum(totals)
    squares = 0.0
    for name in {*a, *b}:
        row = a.get(name, 0) + b.get(name, 0)
        if not row:
            continue
        for observed, total in ((a.get(name, 0), totals[0]), (b.get(name, 0), totals[1])):
            expected = row * total / whole
            squares += (observed - expected) ** 2 / expected
    # Of two groups, the smaller side of the table less one is 1.
    return Effect("V", math.sqrt(squares / whole))


def _arcsine(share: float) -> float:
    return 2 * math.asin(math.sqrt(min(max(share, 0.0), 1.0)))
