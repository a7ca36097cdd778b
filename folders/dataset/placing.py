"""Puts originals and thumbnails of a dataset into the media storage.

Ids of items follow from their paths, so a file that a killed run left behind is written over by the
next. That spares the temporary name, the lock and the look at what is there that storages make for
each file; what the operating system has not written yet is lost with the machine only, and then the
command is given again.
"""

import os
import shutil
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage

from folders.storage import original_key, thumbnail_key_of, write_derived

FIRST_VERSION: Final = 1
_MODE: Final = 0o644
_CHUNK: Final = 1024 * 1024


class Mode(StrEnum):
    """What becomes of the files of the directory."""

    COPY = "copy"
    MOVE = "move"
    IN_PLACE = "in-place"


def place_original(item_id: UUID, source: str, content: bytes | None, mode: Mode) -> None:
    """Store the original of an item, from memory where it was read already.

    A file that is to be moved is linked where that is possible, and removed from the directory by
    the caller once the item is saved.
    """
    key = original_key(item_id)
    local = _local(key)
    if local is None:
        _save(key, source, content)
    elif mode is not Mode.MOVE or not _link(source, local):
        _copy(source, content, local)


def place_thumbnails(item_id: UUID, files: dict[str, bytes]) -> None:
    """Store the thumbnails of an item's first version, by name of size."""
    for size, content in files.items():
        key = thumbnail_key_of(item_id, FIRST_VERSION, size)
        local = _local(key)
        if local is None:
            write_derived(key, content)
        else:
            _write(local, content)


def _local(key: str) -> str | None:
    """The path of a key, if the storage is a folder of this machine; keys are our own."""
    if not isinstance(default_storage, FileSystemStorage):
        return None
    return f"{default_storage.location}/{key}"


def _copy(source: str, content: bytes | None, path: str) -> None:
    if content is not None:
        _write(path, content)
        return
    with open(source, "rb") as file, os.fdopen(_create(path), "wb") as target:  # noqa: PTH123
        shutil.copyfileobj(file, target, _CHUNK)


def _write(path: str, content: bytes) -> None:
    number = _create(path)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(number, view) :]
    finally:
        os.close(number)


# The functions of os, not pathlib: they are called some times for each of many thousand files.


def _create(path: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    while True:
        try:
            return os.open(path, flags, _MODE)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        except FileExistsError:
            # Not written through: the file of an earlier run may be a link into the directory.
            os.unlink(path)  # noqa: PTH108


def _link(source: str, path: str) -> bool:
    os.close(_create(path))
    os.unlink(path)  # noqa: PTH108
    try:
        os.link(source, path)
    except OSError:
        return False
    return True


def _save(key: str, source: str, content: bytes | None) -> None:
    if content is not None:
        write_derived(key, content)
        return
    if default_storage.exists(key):
        default_storage.delete(key)
    with open(source, "rb") as file:  # noqa: PTH123
        default_storage.save(key, File(file))
