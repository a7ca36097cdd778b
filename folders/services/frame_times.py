"""When the frames of stored items are shown.

Videos are read once: the timestamps of their frames are kept beside their thumbnails, and can
always be read again. Measures that came with a registration are believed, and nothing is fetched.
"""

from typing import IO

import numpy as np

from folders.kinds import kind_of
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import FrameTimes, given_times, sequence_times
from folders.media.probe import VideoProbe
from folders.models import Item
from folders.services.media_probe import probe_file
from folders.storage import open_original, read_derived, times_key, write_derived
from integrations.errors import ObjectUnavailable

MEASURES = ("width", "height", "fps", "duration", "frame_count")

_LAYOUT = np.dtype("<f8")


def measure_video(item: Item, file: IO[bytes]) -> VideoProbe:
    """Probe a video and set the item's measures, without saving them.

    Raises:
        UnreadableMedia: it is none, or damaged.
    """
    probe = probe_file(file)
    for name in MEASURES:
        setattr(item, name, getattr(probe, name))
    return probe


def probe_item(item: Item) -> FrameTimes:
    """The times of a video's or sequence's frames; a video may have to be fetched and read.

    Raises:
        UnreadableMedia: it is neither, cannot be read, or is missing.
    """
    kind = kind_of(item)
    if kind.parts_are_frames:
        return _probe_sequence(item)
    if not kind.has_frames:
        raise UnreadableMedia("Only videos and image sequences have frames.")
    if item.measures_given and item.fps and item.duration:
        return given_times(fps=item.fps, duration=item.duration)
    return kept_times(item) or _read_times(item)


def keep_times(item: Item, times: FrameTimes) -> None:
    """Store what was read of a video, so that it need not be read again."""
    values = np.array([times.duration, *times.timestamps], dtype=_LAYOUT)
    write_derived(times_key(item), values.tobytes())


def _probe_sequence(item: Item) -> FrameTimes:
    count = item.parts.count()
    if not count:
        raise UnreadableMedia("The sequence has no images.")
    return sequence_times(count)


def kept_times(item: Item) -> FrameTimes | None:
    """What an earlier reading of a video has kept."""
    content = read_derived(times_key(item))
    if content is None or len(content) % _LAYOUT.itemsize or len(content) < 2 * _LAYOUT.itemsize:
        return None
    duration, *timestamps = np.frombuffer(content, dtype=_LAYOUT).tolist()
    return FrameTimes(timestamps, duration)


def _read_times(item: Item) -> FrameTimes:
    try:
        with open_original(item) as file:
            times = probe_file(file)
    except FileNotFoundError as error:
        raise UnreadableMedia("The original file is missing from the storage.") from error
    except ObjectUnavailable as error:
        raise UnreadableMedia(str(error)) from error
    keep_times(item, times)
    return times
