"""What the page of an item shows beside its facts: parts, frames, marks, its neighbours."""

from typing import Any

from django.urls import reverse

from folders.addresses import frame_picture_url, item_thumbnail_url, unit_thumbnail_url
from folders.kinds import kind_of
from folders.models import Item, Unit
from folders.paging import KeysetPage, keyset_page

FRAMES_PER_PAGE = 120
PARTS_PER_PAGE = 200
# Marks above the strip of a video; more would run into each other.
MAX_MARKS = 500
# Formats that every browser shows, so that the original may stand in for the preview.
_BROWSER_IMAGES = frozenset(
    {"image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "image/bmp"}
)


def viewer_context(item: Item, cursor: str) -> dict[str, Any]:
    """What the viewer of the item's kind needs.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    kind = kind_of(item)
    context: dict[str, Any] = {
        "kind": kind,
        "viewer": kind.viewer,
        "shows_original": item.mime_type in _BROWSER_IMAGES,
        "frames": _frames(item, cursor) if kind.has_frames else KeysetPage([]),
        "parts": KeysetPage([]),
    }
    if kind.has_parts and not kind.has_frames:
        context["parts"] = _parts(item, cursor)
    if kind.has_frames:
        context["marks"] = _marks(item)
    if kind.parts_are_frames:
        # The script puts the number of a frame in place of the 0.
        context["frame_address"] = reverse("item-frame", args=[item.pk, 0, "large"])
    return context


def neighbours(item: Item) -> dict[str, Item | None]:
    """The items before and after this one: in its folder by name, parts by their place."""
    return {"previous": _neighbour(item, forward=False), "next": _neighbour(item, forward=True)}


def _frames(item: Item, cursor: str) -> KeysetPage[Unit]:
    found = Unit.objects.filter(item=item, frame__isnull=False).select_related("item")
    frames = keyset_page(found, order="frame", cursor=cursor, limit=FRAMES_PER_PAGE)
    for unit in frames.rows:
        address = unit_thumbnail_url(unit)
        if kind_of(item).parts_are_frames and unit.frame is not None:
            address = frame_picture_url(item, unit.frame)
        unit.thumbnail_url = address  # type: ignore[attr-defined]
    return frames


def _parts(item: Item, cursor: str) -> KeysetPage[Item]:
    found = Item.objects.filter(parent=item)
    parts = keyset_page(found, order="position", cursor=cursor, limit=PARTS_PER_PAGE)
    for part in parts.rows:
        part.thumbnail_url = item_thumbnail_url(part)  # type: ignore[attr-defined]
    return parts


def _marks(item: Item) -> list[dict[str, Any]]:
    """Key frames and their places on a line of 1,000."""
    last = max(1, (item.frame_count or 1) - 1)
    keys = Unit.objects.filter(item=item, is_key_frame=True).order_by("frame")[:MAX_MARKS]
    return [
        {"frame": unit.frame, "at": min(998, round(998 * (unit.frame or 0) / last))}
        for unit in keys
    ]


def _neighbour(item: Item, *, forward: bool) -> Item | None:
    beyond, sign = ("gt", "") if forward else ("lt", "-")
    if item.parent_id is not None:
        parts = Item.objects.filter(parent=item.parent_id, **{f"position__{beyond}": item.position})
        return parts.order_by(f"{sign}position").first()
    beside = Item.objects.filter(folder=item.folder_id, parent=None)
    same_name = beside.filter(**{"name": item.name, f"pk__{beyond}": item.pk})
    other_name = beside.filter(**{f"name__{beyond}": item.name})
    return (
        same_name.order_by(f"{sign}pk").first()
        or other_name.order_by(f"{sign}name", f"{sign}pk").first()
    )
