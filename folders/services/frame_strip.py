"""A few pictures that stand for a whole: frames of a video or sequence, images of a group."""

from typing import Any, Final

from core.errors import NotFound
from folders.addresses import frame_picture_url, has_picture, item_thumbnail_url
from folders.kinds import kind_of
from folders.media.errors import UnreadableMedia
from folders.models import Item
from folders.services.frame_times import probe_item

STRIP_FRAMES: Final = 12
MAX_STRIP_FRAMES: Final = 200


def spread_frames(total: int, count: int) -> list[int]:
    """Up to `count` numbers below `total`, evenly spread, the first and the last included."""
    if count >= total:
        return list(range(total))
    if count == 1:
        return [0]
    return [round(place * (total - 1) / (count - 1)) for place in range(count)]


def frame_strip(item: Item, count: int) -> dict[str, Any]:
    """The strip as JSON: the number of all frames, and number, time and picture of those chosen.

    Of a group, the images take the place of frames; they have no time.

    Raises:
        NotFound: the item has neither, or is not ready.
    """
    kind = kind_of(item)
    if not (kind.has_frames or kind.has_parts) or not has_picture(item):
        raise NotFound("The item has no frames to show.")
    return _frames(item, count) if kind.has_frames else _parts(item, count)


def _frames(item: Item, count: int) -> dict[str, Any]:
    try:
        times = probe_item(item)
    except (UnreadableMedia, OSError) as error:
        raise NotFound("The frames cannot be read from the original.") from error
    frames = [
        {
            "frame": number,
            "timestamp": times.timestamps[number],
            "picture": frame_picture_url(item, number),
        }
        for number in spread_frames(times.frame_count, count)
    ]
    return {"total": times.frame_count, "duration": times.duration, "frames": frames}


def _parts(item: Item, count: int) -> dict[str, Any]:
    """Those of which there is a picture."""
    parts = [part for part in item.parts.order_by("position") if has_picture(part)]
    chosen = [(number, parts[number]) for number in spread_frames(len(parts), count)]
    frames = [
        {"frame": number, "timestamp": None, "picture": item_thumbnail_url(part)}
        for number, part in chosen
    ]
    return {"total": len(parts), "duration": None, "frames": frames}
