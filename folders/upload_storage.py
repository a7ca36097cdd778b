"""Where the bytes of an upload lie while they come in.

    uploads/<2 letters>/<upload>/<offset>-<random>     one part
    uploads/<2 letters>/<upload>/whole                 the parts as one file, for an import

What becomes an item is joined at the item's own place (folders.storage), or stored there at once
when it comes in one piece. Whatever a request stores has a name of its own: of two requests that
send the same bytes, neither writes over, or removes, what the other has stored.
"""

import io
from collections.abc import Iterable
from hashlib import new as new_hash
from typing import IO, Any, cast
from uuid import UUID, uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage

from folders.models import Upload
from folders.storage import original_key, remove_item_files, remove_tree

_COPY_BYTES = 1024 * 1024


class BodyTooShort(Exception):
    """The body held fewer bytes than it was said to."""


def part_key(upload_id: UUID, offset: int) -> str:
    """A new name for a part."""
    return f"{_folder(upload_id)}/{offset:020}-{uuid4().hex[:8]}"


def direct_key(upload: Upload) -> str:
    """A new name for a file that comes in one piece, where it can stay."""
    if upload.item_id is None:
        return part_key(upload.pk, 0)
    return f"{original_key(upload.item_id)}-{uuid4().hex[:8]}"


def joined_key(upload: Upload) -> str:
    """Where the parts go as one file."""
    return original_key(upload.item_id) if upload.item_id else f"{_folder(upload.pk)}/whole"


def store(key: str, content: IO[bytes], length: int, algorithm: str = "") -> tuple[str, bytes]:
    """Store the next bytes of a stream as a file.

    Returns:
        The storage key, and the digest by the algorithm of hashlib, if one was named.

    Raises:
        BodyTooShort: the stream ended before `length` bytes; nothing stays.
    """
    stretch = _Stretch(content, length, algorithm)
    stored = default_storage.save(key, File(cast("IO[bytes]", stretch)))
    if stretch.left:
        default_storage.delete(stored)
        raise BodyTooShort
    return stored, stretch.digest()


def join(keys: Iterable[str], target: str) -> str:
    """Store files one behind the other as one file; return its storage key."""
    # What an attempt left that was killed.
    if default_storage.exists(target):
        default_storage.delete(target)
    return default_storage.save(target, File(cast("IO[bytes]", _Joined(keys))))


def remove_parts(upload_id: UUID) -> None:
    """Remove all that lies in the upload's own folder; again does no harm."""
    remove_tree(_folder(upload_id))


def remove_upload_files(upload: Upload) -> None:
    """Remove whatever an upload has stored that did not become an item."""
    if upload.item_id and not upload.finished:
        remove_item_files(upload.item_id)
    remove_parts(upload.pk)


def _folder(upload_id: UUID) -> str:
    return f"uploads/{upload_id.hex[:2]}/{upload_id.hex}"


class _Reader(io.RawIOBase):
    """Read once from the beginning to the end; storages may ask to wind back before that."""

    _begun = False

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if self._begun or offset or whence != io.SEEK_SET:
            raise io.UnsupportedOperation("This stream is read once.")
        return 0

    def readall(self) -> bytes:
        # The default reads in small pieces.
        return b"".join(iter(lambda: self.read(_COPY_BYTES) or b"", b""))


class _Stretch(_Reader):
    """The next `length` bytes of a stream, digested as they pass."""

    def __init__(self, content: IO[bytes], length: int, algorithm: str) -> None:
        self._content = content
        self._hash: Any = new_hash(algorithm) if algorithm else None
        self.left = length

    def read(self, size: int = -1) -> bytes:
        self._begun = True
        wanted = self.left if size < 0 else min(size, self.left)
        data = self._content.read(wanted) if wanted else b""
        self.left -= len(data)
        if self._hash is not None:
            self._hash.update(data)
        return data

    def digest(self) -> bytes:
        """Of all that was read; empty without an algorithm."""
        return self._hash.digest() if self._hash is not None else b""


class _Joined(_Reader):
    """Stored files, one behind the other."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = iter(keys)
        self._file: Any = None

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return self.readall()
        self._begun = True
        while True:
            if self._file is None:
                key = next(self._keys, None)
                if key is None:
                    return b""
                self._file = default_storage.open(key, "rb")
            if data := self._file.read(size):
                return bytes(data)
            self._file.close()
            self._file = None
