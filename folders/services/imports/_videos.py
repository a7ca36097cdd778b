"""Reads the frames of many videos, several at a time, before they are asked for one by one."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import connection

from folders.media.decoding import DECODERS
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import FrameTimes
from folders.models import Item
from folders.services.frames import probe_item

VideoTimes = FrameTimes | UnreadableMedia
"""When the frames of a video are shown, or why that cannot be said."""


def read_videos(items: Sequence[Item], told: Callable[[], None]) -> dict[UUID, VideoTimes]:
    """The times of the frames of unsaved items; `told` is called after each, and may raise."""
    if not items:
        return {}
    found: dict[UUID, VideoTimes] = {}
    pool = ThreadPoolExecutor(min(DECODERS, len(items)), thread_name_prefix="video")
    try:
        for item, times in zip(items, pool.map(_read, items), strict=True):
            found[item.pk] = times
            told()
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def _read(item: Item) -> VideoTimes:
    try:
        return probe_item(item)
    except UnreadableMedia as error:
        return error
    finally:
        # Should reading have needed the database, the thread's connection must not outlive it.
        connection.close()
