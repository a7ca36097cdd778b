"""What the card beside a point says."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.actor import Actor
from core.errors import NotFound
from embeddings.forming import Snapshot, latest_snapshot
from embeddings.maps.access import forming_units, get_ready_map, visible_points
from embeddings.models import Reduction
from folders.models import MetadataKey, Unit

# A card is 176 px wide and shows a picture: more lines would hide the map.
MAX_CARD_KEYS = 6
_LONGEST = 80
# A page of a list, or as many pictures as a map has room for.
MAX_CARDS = 100


_Found = dict[int, tuple[Unit, float, float]]


@dataclass(frozen=True, slots=True)
class PointCard:
    """A point and its unit; `metadata` holds the first few plain values by key, in words."""

    ordinal: int
    x: float
    y: float
    unit: Unit
    metadata: dict[str, str]


def point_card(actor: Actor, reduction: Reduction, ordinal: int) -> PointCard:
    """The card of one point.

    Raises:
        NotFound: the map has no such point, or the actor does not see its unit.
    """
    cards = point_cards(actor, reduction, [ordinal])
    if not cards:
        raise NotFound("There is no such point, or you have no access to it.")
    return cards[0]


def point_cards(actor: Actor, reduction: Reduction, ordinals: list[int]) -> list[PointCard]:
    """The cards of some points, in the order of `ordinals`; without those that are not seen."""
    snapshot = latest_snapshot(reduction.pk) if reduction.is_active else None
    if snapshot is None:
        found = _finished(actor, reduction, ordinals)
    else:
        found = _forming(actor, reduction, snapshot, ordinals)
    keys = _keys(actor, (unit for unit, _, _ in found.values()))
    return [
        PointCard(ordinal, x, y, unit, _summary(unit, keys))
        for ordinal in dict.fromkeys(ordinals)
        if ordinal in found
        for unit, x, y in [found[ordinal]]
    ]


def _finished(actor: Actor, reduction: Reduction, ordinals: list[int]) -> _Found:
    points = visible_points(actor, get_ready_map(actor, reduction.pk))
    rows = points.filter(ordinal__in=ordinals).select_related("unit__item")
    return {row.ordinal: (row.unit, row.x, row.y) for row in rows}


def _forming(actor: Actor, reduction: Reduction, snapshot: Snapshot, ordinals: list[int]) -> _Found:
    ids = {int(snapshot.unit_ids[o]): o for o in ordinals if o < len(snapshot.unit_ids)}
    units = forming_units(actor, reduction, snapshot).filter(pk__in=list(ids))
    found: _Found = {}
    for unit in units.select_related("item"):
        x, y = snapshot.points[ids[unit.pk]].tolist()
        found[ids[unit.pk]] = (unit, x, y)
    return found


def _keys(actor: Actor, units: Iterable[Unit]) -> list[str]:
    """Names of live keys that some of the units have, in the order of the schema."""
    names = {name for unit in units for name in unit.metadata}
    keys = MetadataKey.objects.visible_to(actor).live().filter(name__in=names)
    return list(keys.order_by("pk").values_list("name", flat=True))


def _summary(unit: Unit, keys: list[str]) -> dict[str, str]:
    """The first few plain values."""
    values = unit.metadata
    plain = [key for key in keys if isinstance(values.get(key), str | int | float | bool)]
    return {name: _in_words(values[name]) for name in plain[:MAX_CARD_KEYS]}


def _in_words(value: str | float) -> str:
    """A value as people read it; long texts are cut."""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int | float):
        return f"{value:,.6g}"
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
