"""Thumbnails and frame pictures on demand, kept in the storage.

A group shows four of its parts, a sequence its first one; frame n of a sequence is the picture of
the part at place n. Decoding is done in decoders, of which a process has few: that bounds it.
"""

import io
from collections.abc import Callable
from typing import Final

from core.errors import NotFound, Unavailable
from folders.choices import ItemState
from folders.constants import MAX_IMAGE_PIXELS, THUMBNAIL_SIZES
from folders.kinds import kind_of
from folders.media.decoding import decode
from folders.media.errors import DecoderFailed, DecodersBusy, UnreadableMedia
from folders.models import Item, Unit
from folders.services.coalescing import Coalescer
from folders.services.frame_times import probe_item
from folders.storage import (
    frame_key,
    open_original,
    read_derived,
    thumbnail_key,
    write_derived,
)
from integrations.errors import ObjectUnreachable

# Parts that the picture of a group shows.
MOSAIC_PARTS: Final = 4

_MOSAIC = "folders.media.operations:mosaic"
_making: Coalescer[bytes] = Coalescer()


def item_picture(item: Item, size: str) -> bytes:
    """A thumbnail of the item as WebP; made when it is not in the storage.

    Raises:
        NotFound: the item is not ready, or its original can no longer be read.
        Unavailable: too much else is being decoded, or the store does not answer.
    """
    if item.state != ItemState.READY:
        raise NotFound("There is no picture of this item.")
    kind = kind_of(item)
    if kind.parts_are_frames:
        return item_picture(_ready_parts(item, 1)[0], size)
    if kind.has_parts:
        return _kept_or_made(thumbnail_key(item, size), lambda: _mosaic(item, size))
    return _kept_or_made(thumbnail_key(item, size), lambda: _decoded(item, size, 0.0))


def unit_picture(unit: Unit, size: str) -> bytes:
    """A thumbnail of the unit as WebP: its item's, or that of its frame.

    Raises:
        NotFound, Unavailable: as for item_picture.
    """
    if unit.frame is None:
        return item_picture(unit.item, size)
    return frame_picture(unit.item, unit.frame, size, timestamp=unit.timestamp)


def frame_picture(item: Item, frame: int, size: str, *, timestamp: float | None = None) -> bytes:
    """A thumbnail of any frame of a video or sequence, whether or not it is a unit.

    Args:
        item: has frames.
        frame: its number.
        size: of THUMBNAIL_SIZES.
        timestamp: when it is shown, where that is known.

    Raises:
        NotFound: there is no such frame, or it cannot be decoded.
        Unavailable: as for item_picture.
    """
    kind = kind_of(item)
    if item.state != ItemState.READY or not kind.has_frames or frame >= (item.frame_count or 0):
        raise NotFound("There is no such frame.")
    if kind.parts_are_frames:
        part = item.parts.select_related("integration").filter(position=frame).first()
        if part is None:
            raise NotFound("There is no such frame.")
        return item_picture(part, size)

    def make() -> bytes:
        return _decoded(item, size, _time_of(item, frame) if timestamp is None else timestamp)

    return _kept_or_made(frame_key(item, frame, size), make)


def _kept_or_made(key: str, make: Callable[[], bytes]) -> bytes:
    content = read_derived(key)
    if content is not None:
        return content

    def make_and_keep() -> bytes:
        made = make()
        write_derived(key, made)
        return made

    return _making.get(key, make_and_keep)


def _decoded(item: Item, size: str, moment: float) -> bytes:
    """The picture of an item that has a file, at a moment if it has moments."""
    arguments = {
        "sizes": {size: THUMBNAIL_SIZES[size]},
        "max_pixels": MAX_IMAGE_PIXELS,
        "moments": [moment],
    }
    try:
        with open_original(item) as file:
            files = decode(file, kind_of(item).picture, arguments).files
    except (DecodersBusy, ObjectUnreachable) as error:
        raise Unavailable(str(error), code="picture_unavailable") from error
    except (UnreadableMedia, OSError, DecoderFailed) as error:
        raise NotFound("The picture cannot be made from the original.") from error
    if not files:
        raise NotFound("The frame cannot be decoded.")
    return next(iter(files.values()))


def _mosaic(group: Item, size: str) -> bytes:
    """Up to four parts of a group, side by side."""
    pictures = [item_picture(part, size) for part in _ready_parts(group, MOSAIC_PARTS)]
    if len(pictures) == 1:
        return pictures[0]
    arguments = {"lengths": [len(p) for p in pictures], "side": THUMBNAIL_SIZES[size]}
    try:
        return decode(io.BytesIO(b"".join(pictures)), _MOSAIC, arguments).files["mosaic"]
    except DecodersBusy as error:
        raise Unavailable(str(error), code="picture_unavailable") from error


def _ready_parts(whole: Item, count: int) -> list[Item]:
    parts = whole.parts.filter(state=ItemState.READY).select_related("integration")
    found = list(parts.defer("client_metadata").order_by("position")[:count])
    if not found:
        raise NotFound("None of the parts can be read.")
    return found


def _time_of(item: Item, frame: int) -> float:
    try:
        times = probe_item(item)
    except UnreadableMedia as error:
        raise NotFound("The picture cannot be made from the original.") from error
    if frame >= times.frame_count:
        raise NotFound("There is no such frame.")
    return times.timestamps[frame]
