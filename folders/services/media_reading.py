"""Reading the originals of items: several at a time, in decoders, without the database."""

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import SEEK_END
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connection

from folders.constants import (
    MAX_IMAGE_PIXELS,
    MAX_PIXELS_ON_DEMAND,
    MAX_READ_ATTEMPTS,
    THUMBNAIL_SIZES,
)
from folders.kinds import kind_of
from folders.media.decoding import decode
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import FrameTimes
from folders.models import Item
from folders.services.frame_times import keep_times
from folders.services.media_outcomes import Outcome
from folders.storage import open_original, thumbnail_key, write_derived
from integrations.errors import ObjectUnavailable, ObjectUnreachable

logger = logging.getLogger(__name__)

# The surroundings failed, not the file: the job is begun again.
PASSING: Final = (DatabaseError, InterfaceError, ConnectionError, TimeoutError)
# More than there are decoders: while some files are decoded, others are fetched.
_READERS: Final = 8
# Workers have time: a decoder is waited for however long the files before it take.
_WAIT_SECONDS: Final = 3600.0
# After so many seconds a server that did not answer is asked again; then the item has failed.
_RETRY_AFTER: Final = (1.0, 5.0)


def read_items(items: Sequence[Item]) -> Iterator[Outcome]:
    """Read items, and set their measures without saving them; thumbnails are stored.

    Raises:
        one of PASSING: the surroundings failed; what was yielded before holds.
    """
    if len(items) == 1:
        yield read_item(items[0])
        return
    pool = ThreadPoolExecutor(min(_READERS, len(items)), thread_name_prefix="reader")
    try:
        yield from pool.map(_read_in_thread, items)
    finally:
        pool.shutdown(cancel_futures=True)


def read_item(item: Item) -> Outcome:
    """Read one item; a file that cannot be read is an outcome, not an error."""
    if not kind_of(item).has_file:
        # Its parts decide.
        return Outcome(item)
    try:
        if item.attempts > MAX_READ_ATTEMPTS:
            raise UnreadableMedia("Reading the file stopped the worker, several times.")
        return _read_patiently(item)
    except (UnreadableMedia, ObjectUnavailable, ObjectUnreachable) as error:
        return Outcome(item, str(error))
    except FileNotFoundError:
        return Outcome(item, "The original file is missing from the storage.")
    except PASSING:
        raise
    except Exception:
        logger.exception("Item %s cannot be read.", item.pk)
        reason = "The file could not be read; the reason stands in the server's log."
        return Outcome(item, reason)


def _read_in_thread(item: Item) -> Outcome:
    try:
        return read_item(item)
    finally:
        # Should reading have needed the database, the thread's connection must not outlive it.
        connection.close()


def _read_patiently(item: Item) -> Outcome:
    for rest in _RETRY_AFTER:
        try:
            return _read(item)
        except ObjectUnreachable:
            time.sleep(rest)
    return _read(item)


def _read(item: Item) -> Outcome:
    """Measure the item and make its thumbnails."""
    with open_original(item) as file:
        item.size = file.seek(0, SEEK_END)
        if not item.size:
            raise UnreadableMedia("The file is empty.")
        decoded = decode(
            file,
            kind_of(item).measure,
            {
                "sizes": THUMBNAIL_SIZES,
                "max_pixels": MAX_IMAGE_PIXELS,
                "max_pixels_on_demand": MAX_PIXELS_ON_DEMAND,
            },
            wait=_WAIT_SECONDS,
        )
    times = _set_measures(item, decoded.values)
    item.thumbnail_version += 1
    for size, content in decoded.files.items():
        write_derived(thumbnail_key(item, size), content)
    if times:
        keep_times(item, times)
    return Outcome(item, times=times)


def _set_measures(item: Item, values: dict[str, Any]) -> FrameTimes | None:
    """Set what a decoder measured; return the times of frames, if there are any."""
    timestamps = values.pop("timestamps", None)
    mime = values.pop("mime_type", "")
    item.mime_type = mime or item.mime_type
    for name, value in values.items():
        setattr(item, name, value)
    return FrameTimes(timestamps, values["duration"]) if timestamps else None
