"""What the card beside a point says."""

from dataclasses import dataclass
from typing import Any

from accounts.actor import Actor
from core.errors import NotFound
from embeddings.forming import latest_snapshot
from embeddings.maps.access import forming_units, get_ready_map, visible_points
from embeddings.models import Reduction
from folders.models import MetadataKey, Unit

# A card is 176 px wide and shows a picture: more lines would hide the map.
MAX_CARD_KEYS = 6
_LONGEST = 80


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
    found = (
        _forming_point(actor, reduction, ordinal)
        if reduction.is_active
        else _finished_point(actor, reduction, ordinal)
    )
    if found is None:
        raise NotFound("There is no such point, or you have no access to it.")
    unit, x, y = found
    return PointCard(ordinal=ordinal, x=x, y=y, unit=unit, metadata=_summary(actor, unit.metadata))


def _finished_point(
    actor: Actor, reduction: Reduction, ordinal: int
) -> tuple[Unit, float, float] | None:
    points = visible_points(actor, get_ready_map(actor, reduction.pk))
    found = points.select_related("unit__item").filter(ordinal=ordinal).first()
    return (found.unit, found.x, found.y) if found else None


def _forming_point(
    actor: Actor, reduction: Reduction, ordinal: int
) -> tuple[Unit, float, float] | None:
    snapshot = latest_snapshot(reduction.pk)
    if snapshot is None:
        return _finished_point(actor, reduction, ordinal)
    if ordinal >= len(snapshot.unit_ids):
        return None
    units = forming_units(actor, reduction, snapshot).select_related("item")
    unit = units.filter(pk=int(snapshot.unit_ids[ordinal])).first()
    return (unit, *snapshot.points[ordinal].tolist()) if unit else None


def _summary(actor: Actor, metadata: dict[str, Any]) -> dict[str, str]:
    """Plain values of live keys, in the order of the schema."""
    keys = MetadataKey.objects.visible_to(actor).live().filter(name__in=metadata.keys())
    names = keys.order_by("pk").values_list("name", flat=True)
    plain = [name for name in names if isinstance(metadata[name], str | int | float | bool)]
    return {name: _in_words(metadata[name]) for name in plain[:MAX_CARD_KEYS]}


def _in_words(value: str | float) -> str:
    """A value as people read it; long texts are cut."""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int | float):
        return f"{value:,.6g}"
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
