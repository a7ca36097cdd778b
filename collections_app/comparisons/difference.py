"""How a field differs between two sets."""

from dataclasses import dataclass

from collections_app.comparisons.effects import Effect


@dataclass(frozen=True, slots=True)
class Part:
    """How many units of A and of B have a value, or one from `low` to `high`."""

    label: str
    a: int
    b: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """How many units of a side have a value, out of how many."""

    with_value: int
    units: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of both sides.

    `parts` are bins of a number or moment (in seconds since 1970) in order, or values, those first
    whose shares differ most. Without an effect, a side has no value, or `reason` says why not.
    """

    field: str
    label: str
    type: str
    a: Group
    b: Group
    parts: tuple[Part, ...]
    effect: Effect | None = None
    reason: str = ""
