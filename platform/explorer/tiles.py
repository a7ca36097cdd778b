"""Units as the grid shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from embeddings.holding import WHOLES, Holding, holdings
from embeddings.models import Reduction, ReductionPoint
from explorer.badges import Badges
from explorer.query import Row
from folders.addresses import unit_thumbnail_url
from folders.choices import UnitKind
from folders.clock import clock
from folders.models import Item, MetadataKey

_GROUPS = (UnitKind.IMAGE_GROUP, UnitKind.IMAGE_SEQUENCE)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: picture, name, badges.

    `part` stands bottom left and tells a video's length, a frame's place or a group's size;
    `badge` bottom right is the distance, or the value of the order's key, and `said` the sentence
    about it; `vectors` top right tells
    whether a video, sequence or group has a vector of its own or on its frames. `captions` are the
    names and values of metadata that stand below it.
    """

    unit: int
    item: str
    name: str
    kind: str
    frame: int | None
    thumbnail: str
    part: str = ""
    badge: str = ""
    said: str = ""
    vectors: Holding | None = None
    captions: tuple[tuple[str, str], ...] = ()
    # The unit's point on the map beside the grid.
    ordinal: int | None = None

    @property
    def has_strip(self) -> bool:
        """Whether there is more to see of it than one picture."""
        return bool(self.thumbnail) and self.kind in WHOLES


def tiles_of(
    rows: Iterable[Row],
    reduction: Reduction | None = None,
    key: MetadataKey | None = None,
    badges: Badges | None = None,
) -> list[Tile]:
    """The tiles of a page; some more queries at most, for sizes of groups, points of the map, and
    vectors of frames under the key.
    """
    rows = list(rows)
    wholes = [row.unit.pk for row in rows if row.unit.kind in WHOLES]
    held = holdings(wholes, key) if key and wholes else {}
    parts = _group_sizes([row.unit.item for row in rows if row.unit.kind in _GROUPS])
    ordinals = ordinals_of(reduction, [row.unit.pk for row in rows])
    shown = badges or Badges()
    return [_tile(row, parts, ordinals, held.get(row.unit.pk), shown) for row in rows]


def ordinals_of(reduction: Reduction | None, units: list[int]) -> dict[int, int]:
    """The places of units on a map; those that are not on it are absent."""
    if reduction is None:
        return {}
    points = ReductionPoint.objects.filter(reduction=reduction, unit__in=units)
    return dict(points.values_list("unit", "ordinal"))


def _tile(
    row: Row,
    parts: dict[object, int],
    ordinals: dict[int, int],
    vectors: Holding | None,
    badges: Badges,
) -> Tile:
    unit, item = row.unit, row.unit.item
    return Tile(
        unit=unit.pk,
        item=str(item.pk),
        name=item.name if unit.frame is None else f"{item.name}, frame {unit.frame}",
        kind=unit.kind,
        frame=unit.frame,
        thumbnail=unit_thumbnail_url(unit),
        part=_part(row, parts),
        badge=_badge(row) if badges.value else "",
        said=_sentence(row),
        captions=badges.captions(unit.metadata),
        vectors=vectors,
        ordinal=ordinals.get(unit.pk),
    )


def _part(row: Row, parts: dict[object, int]) -> str:
    unit, item = row.unit, row.unit.item
    if unit.kind == UnitKind.VIDEO:
        return clock(item.duration) if item.duration is not None else "Video"
    if unit.kind == UnitKind.FRAME:
        return clock(unit.timestamp) if unit.timestamp is not None else f"{unit.frame}"
    if unit.kind in _GROUPS:
        return str(item.frame_count or parts.get(item.pk, 0))
    return ""


def _badge(row: Row) -> str:
    if row.hit is not None:
        return f"{row.hit.distance:.3f}"
    value = getattr(row.unit, "order_value", None)
    if isinstance(value, bool):
        return str(value)
    return f"{value:.4g}" if isinstance(value, float) else ""


def _sentence(row: Row) -> str:
    """Where a hit stands among all that was searched."""
    if row.hit is None:
        return ""
    if row.hit.percentile is None:
        return f"Distance {row.hit.distance:.6g}."
    share = row.hit.percentile
    nearer = f"{share:.3g} % of all units searched lie nearer" if share else "Nothing lies nearer"
    return f"Distance {row.hit.distance:.6g}. {nearer}."


def _group_sizes(items: list[Item]) -> dict[object, int]:
    if not items:
        return {}
    parts = Item.objects.filter(parent__in=items).order_by()
    return dict(parts.values_list("parent").annotate(n=Count("pk")))
