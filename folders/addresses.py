"""Addresses of media; they name a version, so that browsers may keep what they got for ever."""

from django.urls import reverse

from folders.choices import ItemState
from folders.kinds import kind_of
from folders.models import Item, Unit


def has_picture(item: Item) -> bool:
    """Whether there is a picture of the item, or one can be made: the one rule for all pages."""
    has_source = bool(item.storage_key or item.object_url) or kind_of(item).has_parts
    return item.state == ItemState.READY and has_source


def item_thumbnail_url(item: Item, size: str = "small") -> str:
    """Address of an item's thumbnail; empty while there is none."""
    if not has_picture(item):
        return ""
    return f"{reverse('item-thumbnail', args=[item.pk, size])}?v={item.thumbnail_version}"


def unit_thumbnail_url(unit: Unit, size: str = "small") -> str:
    """Address of a unit's thumbnail; empty while there is none. Takes `unit.item`."""
    if not has_picture(unit.item):
        return ""
    return f"{reverse('unit-thumbnail', args=[unit.pk, size])}?v={unit.item.thumbnail_version}"


def frame_picture_url(item: Item, frame: int, size: str = "small") -> str:
    """Address of the picture of any frame of a video or sequence; empty while there is none."""
    if not has_picture(item):
        return ""
    address = reverse("item-frame", args=[item.pk, frame, size])
    return f"{address}?v={item.thumbnail_version}"
