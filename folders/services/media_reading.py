"""Reading the originals of items: several at a time, in decoders, without the database."""

import contextlib
import io
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
from folders.media.errors import DecoderFailed, UnreadableMedia
from folders.media.frame_times import FrameTimes
from folders.models import Item
from folders.services.frame_times import keep_times, kept_times
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
_LIMITS: Final = {
    "sizes": THUMBNAIL_SIZES,
    "max_pixels": MAX_IMAGE_PIXELS,
    "max_pixels_on_demand": MAX_PIXELS_ON_DEMAND,
}
# Files up to this size go to a decoder by so many at once.
_SMALL_BYTES: Final = 64 * 1024
_PACK: Final = 16
# After so many seconds a server that did not answer is asked again; then the item has failed.
_RETRY_AFTER: Final = (1.0, 5.0)


def read_items(items: Sequence[Item]) -> Iterator[Outcome]:
    """Read items, and set their measures without saving them; thumbnails are stored.

    Raises:
        one of PASSING: the surroundings failed; what was yielded before holds.
    """
    packs = _packs(items)
    if len(packs) == 1:
        yield from _read_pack(packs[0])
        return
    pool = ThreadPoolExecutor(min(_READERS, len(packs)), thread_name_prefix="reader")
    try:
        for outcomes in pool.map(_read_in_thread, packs):
            yield from outcomes
    finally:
        pool.shutdown(cancel_futures=True)


def _packs(items: Sequence[Item]) -> list[list[Item]]:
    """The items, small files of one kind together: to speak with a decoder takes as long as to
    decode one of them.
    """
    packs: list[list[Item]] = []
    packed = 0
    for item in items:
        small = bool(kind_of(item).measure_many) and 0 < (item.size or 0) <= _SMALL_BYTES
        # What was opened before may be what ended a worker.
        small = small and item.attempts <= 1
        if small and 0 < packed < _PACK and packs[-1][0].kind == item.kind:
            packs[-1].append(item)
            packed += 1
        else:
            packs.append([item])
            packed = int(small)
    return packs


def _read_pack(items: list[Item]) -> list[Outcome]:
    """Read small files in one go; one by one when that fails, so that each has its own reason."""
    if len(items) > 1:
        with contextlib.suppress(UnreadableMedia, DecoderFailed, OSError):
            return _read_together(items)
    return [read_item(item) for item in items]


def _read_together(items: list[Item]) -> list[Outcome]:
    contents = []
    for item in items:
        with open_original(item) as file:
            contents.append(file.read())
        item.size = len(contents[-1])
    if not all(contents):
        raise UnreadableMedia("One of the files is empty.")
    decoded = decode(
        io.BytesIO(b"".join(contents)),
        kind_of(items[0]).measure_many,
        {"lengths": [len(content) for content in contents], **_LIMITS},
        wait=_WAIT_SECONDS,
    )
    outcomes = []
    for place, (item, values) in enumerate(zip(items, decoded.values["images"], strict=True)):
        if "refused" in values:
            outcomes.append(Outcome(item, values["refused"]))
            continue
        _store(item, values, _of_place(place, decoded.files))
        outcomes.append(Outcome(item))
    return outcomes


def _of_place(place: int, files: dict[str, bytes]) -> dict[str, bytes]:
    """The thumbnails of one of several images, by size."""
    mine = f"{place}-"
    return {name.removeprefix(mine): file for name, file in files.items() if name.startswith(mine)}


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


def _read_in_thread(items: list[Item]) -> list[Outcome]:
    try:
        return _read_pack(items)
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
        known = kept_times(item) if kind_of(item).has_frames else None
        # A check of an import may have walked through it already, for the frames that it names.
        more = {"timestamps": known.timestamps} if known else {}
        decoded = decode(file, kind_of(item).measure, _LIMITS | more, wait=_WAIT_SECONDS)
    times = _store(item, decoded.values, decoded.files)
    if times and not known:
        keep_times(item, times)
    return Outcome(item, times=times)


def _store(item: Item, values: dict[str, Any], files: dict[str, bytes]) -> FrameTimes | None:
    """Set what was measured, store the thumbnails; return the times of frames, if there are any."""
    item.thumbnail_version += 1
    for size, content in files.items():
        write_derived(thumbnail_key(item, size), content)
    return _set_measures(item, values)


def _set_measures(item: Item, values: dict[str, Any]) -> FrameTimes | None:
    """Set what a decoder measured; return the times of frames, if there are any."""
    timestamps = values.pop("timestamps", None)
    mime = values.pop("mime_type", "")
    item.mime_type = mime or item.mime_type
    for name, value in values.items():
        setattr(item, name, value)
    return FrameTimes(timestamps, values["duration"]) if timestamps else None
