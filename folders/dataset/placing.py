"""Puts originals and thumbnails of a dataset into the media storage.

Ids of items follow from their paths, so a file that a killed run left behind is written over by the
next. That spares the temporary name, the lock and the look at what is there that storages make for
each file; what the operating system has not written yet is lost with the machine only, and then the
command is given again.
"""

import os
import shutil
from enum import StrEnum
from pathlib import Path
from typing import cast

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage

from folders.models import Item
from folders.storage import original_key, thumbnail_key, write_derived

_MODE = 0o644
_CHUNK = 1024 * 1024


class Mode(StrEnum):
    """What becomes of the files of the directory."""

    COPY = "copy"
    MOVE = "move"
    IN_PLACE = "in-place"


def place_original(item: Item, source: Path, content: bytes | None, mode: Mode) -> None:
    """Store the item's original, from memory where it was read already.

    A file that is to be moved is linked where that is possible, and removed from the directory by
    the caller once the item is saved.
    """
    key = original_key(item.pk)
    local = _local()
    if local is None:
        _save(key, source, content)
    elif mode is not Mode.MOVE or not _link(source, _prepared(local, key)):
        _copy(source, content, _prepared(local, key))
    item.storage_key = key


def place_thumbnails(item: Item, files: dict[str, bytes]) -> None:
    """Store the item's thumbnails, by name of size."""
    local = _local()
    for size, content in files.items():
        key = thumbnail_key(item, size)
        if local is None:
            write_derived(key, content)
        else:
            _write(_prepared(local, key), content)


def _local() -> FileSystemStorage | None:
    """The storage, if it is a folder of this machine."""
    storage = cast("Storage", default_storage)
    return storage if isinstance(storage, FileSystemStorage) else None


def _prepared(storage: FileSystemStorage, key: str) -> str:
    path = storage.path(key)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return path


def _copy(source: Path, content: bytes | None, path: str) -> None:
    if content is not None:
        _write(path, content)
        return
    with source.open("rb") as file, os.fdopen(_create(path), "wb") as target:
        shutil.copyfileobj(file, target, _CHUNK)


def _write(path: str, content: bytes) -> None:
    with os.fdopen(_create(path), "wb", buffering=0) as target:
        view = memoryview(content)
        while view:
            view = view[target.write(view) :]


def _create(path: str) -> int:
    # Not written through: the file of an earlier run may be a link to one of the directory.
    Path(path).unlink(missing_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)


def _link(source: Path, path: str) -> bool:
    Path(path).unlink(missing_ok=True)
    try:
        os.link(source, path, follow_symlinks=True)
    except OSError:
        return False
    return True


def _save(key: str, source: Path, content: bytes | None) -> None:
    if content is not None:
        write_derived(key, content)
        return
    if default_storage.exists(key):
        default_storage.delete(key)
    with source.open("rb") as file:
        default_storage.save(key, File(file))
