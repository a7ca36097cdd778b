"""Measures and thumbnails of a dataset's files, many small images in one go of a decoder."""

import io
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from folders.constants import MAX_IMAGE_PIXELS, MAX_PIXELS_ON_DEMAND, THUMBNAIL_SIZES
from folders.dataset.walk import DatasetFile
from folders.kinds import kind_for_mime
from folders.media.decoding import decode
from folders.media.errors import DecoderFailed, UnreadableMedia
from folders.media.sniff import SNIFF_BYTES, sniff

logger = logging.getLogger(__name__)

# Images up to this size are decoded together, up to so many bytes and so many of them.
_SMALL_BYTES: Final = 128 * 1024
_GROUP_BYTES: Final = 1024 * 1024
_GROUP_FILES: Final = 64
# Larger files are not held in memory.
_HELD_BYTES: Final = 8 * 1024 * 1024
_WAIT_SECONDS: Final = 3600.0
_ARGUMENTS: Final = {
    "sizes": THUMBNAIL_SIZES,
    "max_pixels": MAX_IMAGE_PIXELS,
    "max_pixels_on_demand": MAX_PIXELS_ON_DEMAND,
}


@dataclass(slots=True)
class ReadFile:
    """A file as it was read.

    Attributes:
        file: which.
        size: in bytes.
        head: its first bytes.
        content: all of it, if it is small enough to be held.
        values: measures by column; empty for what a worker has to read (videos).
        thumbnails: by name of size.
        failure: why it cannot be read.
    """

    file: DatasetFile
    size: int
    head: bytes
    content: bytes | None
    values: dict[str, Any] = field(default_factory=dict)
    thumbnails: dict[str, bytes] = field(default_factory=dict)
    failure: str = ""

    @property
    def is_image(self) -> bool:
        """Whether it is read here; of what nobody knows an image decoder gives the reason."""
        kind = kind_for_mime(sniff(self.head))
        return kind is None or not kind.has_frames


def groups(files: Sequence[DatasetFile]) -> Iterator[list[DatasetFile]]:
    """Neighbours that are decoded together; large files are alone."""
    group: list[DatasetFile] = []
    total = 0
    for file in files:
        size = file.path.stat().st_size
        small = size <= _SMALL_BYTES
        if group and (not small or total + size > _GROUP_BYTES or len(group) == _GROUP_FILES):
            yield group
            group, total = [], 0
        if not small:
            yield [file]
            continue
        group.append(file)
        total += size
    if group:
        yield group


def read_group(files: Sequence[DatasetFile]) -> list[ReadFile]:
    """Read files; one that cannot be decoded is told so, in its `failure`.

    Raises:
        OSError: a file of the directory cannot be read at all.
    """
    found = [_open(file) for file in files]
    images = [one for one in found if one.is_image]
    for one in images:
        if not one.size:
            one.failure = "The file is empty."
    waiting = [one for one in images if not one.failure]
    if len(waiting) > 1 and _measure_together(waiting):
        return found
    for one in waiting:
        _measure(one)
    return found


def _open(file: DatasetFile) -> ReadFile:
    with file.path.open("rb", buffering=0) as stream:
        size = os.fstat(stream.fileno()).st_size
        content = stream.read() if size <= _HELD_BYTES else None
        head = content[:SNIFF_BYTES] if content is not None else stream.read(SNIFF_BYTES)
    return ReadFile(file, size, head, content)


def _measure_together(found: Sequence[ReadFile]) -> bool:
    """Measure small images in one go; False when one of them brought the decoder down."""
    contents = [one.content or b"" for one in found]
    try:
        decoded = decode(
            io.BytesIO(b"".join(contents)),
            "folders.media.operations:measure_images",
            {"lengths": [len(content) for content in contents], **_ARGUMENTS},
            wait=_WAIT_SECONDS,
        )
    except UnreadableMedia:
        return False
    for one, values in zip(found, decoded.values["images"], strict=True):
        _take(one, values)
    for name, content in decoded.files.items():
        place, _, size = name.partition("-")
        found[int(place)].thumbnails[size] = content
    return True


def _measure(one: ReadFile) -> None:
    try:
        with io.BytesIO(one.content) if one.content else one.file.path.open("rb") as stream:
            decoded = decode(
                stream, "folders.media.operations:measure_image", _ARGUMENTS, wait=_WAIT_SECONDS
            )
    except UnreadableMedia as error:
        one.failure = str(error)
    except DecoderFailed:
        logger.exception("%s cannot be read.", one.file.path)
        one.failure = "The file could not be read; the reason stands in the log."
    else:
        one.values, one.thumbnails = decoded.values, decoded.files


def _take(one: ReadFile, values: dict[str, Any]) -> None:
    one.failure = values.pop("refused", "")
    one.values = values
