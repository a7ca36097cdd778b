"""Where files lie in the media storage.

    items/<2 letters>/<item>/original           the original, never altered
    derived/<2 letters>/<item>/<version>/…      thumbnails and frame pictures, can be made again
        small.webp  large.webp                  of the item
        frames/<number>-small.webp              of one frame
    derived/<2 letters>/<item>/frame-times      when the frames of a video are shown

The two letters keep folders of a local storage small.
"""

import contextlib
from pathlib import PurePosixPath
from typing import IO
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from folders.models import Item


def original_key(item_id: UUID) -> str:
    """Where the original of an item goes."""
    return f"items/{item_id.hex[:2]}/{item_id.hex}/original"


def thumbnail_key(item: Item, size: str) -> str:
    """Where a thumbnail of the item's present version lies."""
    return f"{_derived(item.pk)}/{item.thumbnail_version}/{size}.webp"


def frame_key(item: Item, frame: int, size: str) -> str:
    """Where the cached picture of one frame lies."""
    return f"{_derived(item.pk)}/{item.thumbnail_version}/frames/{frame}-{size}.webp"


def times_key(item: Item) -> str:
    """Where the timestamps of a video's frames lie; an original never changes, nor do they."""
    return f"{_derived(item.pk)}/frame-times"


def save_original(item_id: UUID, content: IO[bytes]) -> str:
    """Store an original by streaming it; return its storage key."""
    return default_storage.save(original_key(item_id), File(content))


def open_original(item: Item) -> IO[bytes]:
    """The original of an item that has one.

    Raises:
        FileNotFoundError: it has none, or the storage has lost it.
    """
    if not item.storage_key:
        raise FileNotFoundError(item.pk)
    return default_storage.open(item.storage_key, "rb")


def has_original(item: Item) -> bool:
    """Whether the original lies in our storage."""
    return bool(item.storage_key) and default_storage.exists(item.storage_key)


def write_derived(key: str, content: bytes) -> None:
    """Store a derived file in place of an earlier one."""
    # Storages choose another name rather than write over a file.
    if default_storage.exists(key):
        default_storage.delete(key)
    default_storage.save(key, ContentFile(content))


def read_derived(key: str) -> bytes | None:
    """The derived file, None when it has not been made or was dropped."""
    try:
        with default_storage.open(key, "rb") as file:
            return bytes(file.read())
    except OSError:
        return None


def remove_item_files(item_id: UUID) -> None:
    """Delete the original of an item and all that was derived from it; again does no harm."""
    remove_tree(str(PurePosixPath(original_key(item_id)).parent))
    remove_tree(_derived(item_id))


def remove_tree(prefix: str) -> None:
    """Delete all below a prefix, and the emptied folder where the storage has folders."""
    try:
        folders, files = default_storage.listdir(prefix)
    except FileNotFoundError:
        return
    for folder in folders:
        remove_tree(f"{prefix}/{folder}")
    for file in files:
        default_storage.delete(f"{prefix}/{file}")
    with contextlib.suppress(OSError):
        default_storage.delete(prefix)


def _derived(item_id: UUID) -> str:
    return f"derived/{item_id.hex[:2]}/{item_id.hex}"
