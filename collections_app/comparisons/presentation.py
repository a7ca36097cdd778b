"""Differences and hits as the page draws them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from accounts.actor import Actor
from collections_app.comparisons.difference import Difference, Part
from collections_app.comparisons.effects import Magnitude
from embeddings.search import Hit
from folders.addresses import unit_thumbnail_url
from folders.choices import KeyType
from folders.models import Unit

# Of a field with more values, those are shown whose shares differ most.
MAX_VALUES = 6
# Drawings are this wide and stretched by the page; A stands above the middle, B hangs below it.
WIDTH, HALF = 100.0, 24.0
_GAP = 0.6
# One unit among thousands is still to be seen.
_LEAST = 0.6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin of both sides: heights in the drawing, and what it says in words."""

    x: float
    width: float
    a: float
    a_top: float
    b: float
    words: str


@dataclass(frozen=True, slots=True)
class Share:
    """One value of both sides, in percent of the units that have a value.

    The bars are in percent of the room: the greatest share of the field fills it.
    """

    label: str
    a: float
    b: float
    a_bar: float
    b_bar: float


@dataclass(frozen=True, slots=True)
class Row:
    """One field: bars of a number, or shares of values, and the effect in letter, value, word."""

    difference: Difference
    bars: tuple[Bar, ...] = ()
    shares: tuple[Share, ...] = ()
    more: int = 0

    @property
    def tells(self) -> bool:
        """Whether the field tells the sides apart."""
        effect = self.difference.effect
        return effect is not None and effect.magnitude != Magnitude.NEGLIGIBLE

    @property
    def effect(self) -> str:
        """For example “d = 1.42”."""
        effect = self.difference.effect
        if effect is None:
            return ""
        value = "∞" if math.isinf(effect.value) else f"{effect.value:.2f}"
        return f"{effect.letter} = {value}"

    @property
    def meter(self) -> float:
        """The effect in percent of a bar that a large effect fills to two thirds."""
        effect = self.difference.effect
        return min(effect.weight / 1.5, 1.0) * 100 if effect else 0.0


@dataclass(frozen=True, slots=True)
class NearTile:
    """A unit that lies near."""

    unit: Unit
    name: str
    thumbnail: str
    distance: float


def row_of(difference: Difference) -> Row:
    """The field with its drawing."""
    if any(part.low is not None for part in difference.parts):
        return Row(difference, bars=_bars(difference))
    shown = sorted(difference.parts[:MAX_VALUES], key=lambda part: -(part.a + part.b))
    more = len(difference.parts) - len(shown)
    return Row(difference, shares=_shares(difference, shown), more=more)


def tiles_of(actor: Actor, hits: Iterable[Hit]) -> list[NearTile]:
    """The hits that are still there, nearest first."""
    hits = list(hits)
    seen = Unit.objects.visible_to(actor).select_related("item")
    units = seen.in_bulk([hit.unit_id for hit in hits])
    return [_tile(units[hit.unit_id], hit.distance) for hit in hits if hit.unit_id in units]


def _tile(unit: Unit, distance: float) -> NearTile:
    name = unit.item.name if unit.frame is None else f"{unit.item.name}, frame {unit.frame}"
    return NearTile(unit, name, unit_thumbnail_url(unit), distance)


def _shares(difference: Difference, shown: list[Part]) -> tuple[Share, ...]:
    totals = max(difference.a.with_value, 1), max(difference.b.with_value, 1)
    shares = [(part.label, 100 * part.a / totals[0], 100 * part.b / totals[1]) for part in shown]
    most = max((max(a, b) for _, a, b in shares), default=0.0) or 1.0
    return tuple(Share(label, a, b, 100 * a / most, 100 * b / most) for label, a, b in shares)


def _bars(difference: Difference) -> tuple[Bar, ...]:
    """Both sides on one scale of shares, so that a small set is seen beside a large one."""
    totals = max(difference.a.with_value, 1), max(difference.b.with_value, 1)
    most = max(max(p.a / totals[0], p.b / totals[1]) for p in difference.parts) or 1.0
    step = WIDTH / len(difference.parts)
    bars = []
    for place, part in enumerate(difference.parts):
        a, b = (
            _height(n / total / most) for n, total in zip((part.a, part.b), totals, strict=True)
        )
        x = round(place * step, 3)
        words = f"{_ends(difference, part)}: {part.a:,} in A, {part.b:,} in B"
        bars.append(Bar(x, round(step - _GAP, 3), a, round(HALF - a, 2), b, words))
    return tuple(bars)


def _height(share: float) -> float:
    return round(max(share * (HALF - 1), _LEAST), 2) if share else 0.0


def _ends(difference: Difference, part: Part) -> str:
    if part.low == part.high:
        return _word(difference, part.low)
    return f"{_word(difference, part.low)} to {_word(difference, part.high)}"


def _word(difference: Difference, value: float | None) -> str:
    if value is None:
        return ""
    if difference.type != KeyType.DATETIME.label:
        return f"{value:,.4g}"
    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{value:.0f} s"
    return f"{moment.day} {moment:%b %Y, %H:%M}"
