"""A few frames that stand for a whole video or sequence."""

from typing import Any, Final

from core.errors import NotFound
from folders.addresses import frame_picture_url, has_picture
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

    Raises:
        NotFound: the item has no frames, or is not ready.
    """
    if not kind_of(item).has_frames or not has_picture(item):
        raise NotFound("The item has no frames to show.")
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
