"""Addresses of media; they name a version, so that browsers may keep what they got for ever."""

from django.urls import reverse

from folders.choices import ItemState
from folders.models import Item, Unit


def item_thumbnail_url(item: Item, size: str = "small") -> str:
    """Address of an item's thumbnail; empty while there is none."""
    if item.state != ItemState.READY:
        return ""
    return f"{reverse('item-thumbnail', args=[item.pk, size])}?v={item.thumbnail_version}"


def unit_thumbnail_url(unit: Unit, size: str = "small") -> str:
    """Address of a unit's thumbnail; empty while its item is not ready. Takes `unit.item`."""
    if unit.item.state != ItemState.READY:
        return ""
    return f"{reverse('unit-thumbnail', args=[unit.pk, size])}?v={unit.item.thumbnail_version}"
