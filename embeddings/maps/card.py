"""What the card beside a point says."""

from dataclasses import dataclass
from typing import Any

from accounts.actor import Actor
from core.errors import NotFound
from embeddings.maps.access import visible_points
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
        visible_points(actor, reduction)
        .select_related("unit__item")
        .filter(ordinal=ordinal)
        .first()
    )
    if found is None:
        raise NotFound("There is no such point, or you have no access to it.")
    return PointCard(
        ordinal=ordinal,
        x=found.x,
        y=found.y,
        unit=found.unit,
        metadata=_summary(actor, found.unit.metadata),
    )


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
