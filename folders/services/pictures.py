"""Thumbnails and frame pictures on demand, kept in the storage."""

from core.errors import NotFound
from folders.choices import ItemKind, ItemState
from folders.constants import MAX_IMAGE_PIXELS, THUMBNAIL_SIZES
from folders.media.errors import UnreadableMedia
from folders.media.image import read_image, thumbnails
from folders.media.video import read_frame
from folders.models import Item, Unit
from folders.storage import (
    frame_key,
    open_original,
    read_derived,
    thumbnail_key,
    write_derived,
)


def item_picture(item: Item, size: str) -> bytes:
    """A thumbnail of the item as WebP; made anew when the storage has dropped it.

    Raises:
        NotFound: the item is not ready, or its original can no longer be read.
    """
    if item.state != ItemState.READY:
        raise NotFound("There is no picture of this item.")
    return _cached_or_made(item, thumbnail_key(item, size), size, 0.0)


def unit_picture(unit: Unit, size: str) -> bytes:
    """A thumbnail of the unit as WebP; a frame's is made when it is first asked for.

    Raises:
        NotFound: the item is not ready, or the frame cannot be decoded.
    """
    if unit.frame is None:
        return item_picture(unit.item, size)
    if unit.item.state != ItemState.READY or unit.timestamp is None:
        raise NotFound("There is no picture of this frame.")
    key = frame_key(unit.item, unit.frame, size)
    return _cached_or_made(unit.item, key, size, unit.timestamp)


def _cached_or_made(item: Item, key: str, size: str, timestamp: float) -> bytes:
    content = read_derived(key)
    if content is None:
        content = _make(item, size, timestamp)
        write_derived(key, content)
    return content


def _make(item: Item, size: str, timestamp: float) -> bytes:
    sizes = {size: THUMBNAIL_SIZES[size]}
    try:
        with open_original(item) as file:
            if item.kind == ItemKind.VIDEO:
                image = read_frame(file, timestamp, max_pixels=MAX_IMAGE_PIXELS)
            else:
                side = THUMBNAIL_SIZES[size]
                image = read_image(file, max_side=side, max_pixels=MAX_IMAGE_PIXELS).image
    except (UnreadableMedia, OSError) as error:
        raise NotFound("The picture cannot be made from the original.") from error
    return thumbnails(image, sizes)[size]
