"""One array in numpy's .npy format, read from a stream row by row.

numpy.load would unpickle, or read the array whole; here the header is checked first, and rows come
as they are asked for. Works for files and for entries of a zip archive alike.
"""

import lzma
import struct
import tempfile
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from embeddings.bulk.rows import MAX_ROWS, unreadable

MAGIC = b"\x93NUMPY"
# A header that describes a plain array takes 128 bytes.
_MAX_HEADER = 10_000
_CHUNK = 1024 * 1024
# Room that a record takes at most; the longest vector and id need 40 kB.
_MAX_ROW_BYTES = 1024 * 1024
# An array that lies column by column is copied to disk up to this size.
_MAX_SPOOLED = 8 * 1024**3
# What numpy's parser raises for headers that are none; SyntaxError comes with `ast`.
_HEADER_ERRORS = (
    *(ValueError, TypeError, KeyError, SyntaxError, OverflowError, MemoryError, RecursionError),
    *(IndexError, AttributeError, tokenize.TokenError, UnicodeError, EOFError, OSError),
)
# What zipfile and its decompressors raise for archives that are damaged or forged.
_ARCHIVE_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, KeyError, IndexError, OverflowError),
)


class ArrayStream:
    """An array whose header was read; `read` gives its rows in order."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        """Read the header.

        Raises:
            InvalidInput: this is no array, or one that must be unpickled.
        """
        self.name = name
        self._stream = stream
        with damaged_as_invalid(name):
            self.shape, fortran, self.dtype = _read_header(stream, name)
        if self.dtype.hasobject:
            raise unreadable(
                f"{name} holds Python objects, which would have to be unpickled; that is never "
                "done. Save ids as texts: np.array(ids, dtype=str)."
            )
        if not self.shape or self.shape[0] > MAX_ROWS:
            raise unreadable(f"{name} has the shape {self.shape}; rows are missing or too many.")
        self.row_bytes = int(np.prod(self.shape[1:], dtype=object) * self.dtype.itemsize)
        if self.row_bytes > _MAX_ROW_BYTES:
            raise unreadable(f"{name} takes {self.row_bytes:,} bytes a row, which is too much.")
        self._by_column = fortran and len(self.shape) > 1 and self.shape[1] > 1
        self._spooled: npt.NDArray[Any] | None = None
        self._next = 0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.shape[0])

    def read(self, count: int) -> npt.NDArray[Any]:
        """The next rows, at most `count`; of shape (n, …) with the array's own type.

        Raises:
            InvalidInput: the array ends before its last row.
        """
        count = min(count, self.rows - self._next)
        if self._by_column:
            rows = self._columns()[self._next : self._next + count]
        else:
            rows = self._bytes(count).reshape((count, *self.shape[1:]))
        self._next += count
        return rows

    def require_end(self) -> None:
        """Raise InvalidInput unless the stream ends with the last row."""
        with damaged_as_invalid(self.name):
            if self._stream.read(1):
                raise unreadable(f"{self.name} goes on after its {self.rows:,} rows.")

    def _bytes(self, count: int) -> npt.NDArray[Any]:
        data = bytearray(count * self.row_bytes)
        with damaged_as_invalid(self.name):
            filled = _fill(self._stream, memoryview(data))
        if filled < len(data):
            whole = self._next + filled // max(1, self.row_bytes)
            raise unreadable(f"{self.name} ends after {whole:,} of {self.rows:,} rows.")
        return np.frombuffer(data, dtype=self.dtype)

    def _columns(self) -> npt.NDArray[Any]:
        """The rows of an array that lies column by column: by way of a file on disk."""
        if self._spooled is None:
            size = self.rows * self.row_bytes
            if size > _MAX_SPOOLED:
                raise unreadable(
                    f"{self.name} is large and lies column by column (Fortran order). Save it row "
                    "by row: np.save(file, np.ascontiguousarray(array))."
                )
            with tempfile.TemporaryFile() as file:
                with damaged_as_invalid(self.name):
                    _copy(self._stream, file, size, self)
                file.flush()
                if size == 0:
                    return np.empty(self.shape, dtype=self.dtype)
                self._spooled = np.memmap(
                    file, dtype=self.dtype, mode="r", shape=self.shape, order="F"
                )
        return self._spooled


@contextmanager
def damaged_as_invalid(name: str) -> Iterator[None]:
    """Turn what broken archives and streams raise into a sentence for the user."""
    try:
        yield
    except (ConnectionError, TimeoutError):
        # The storage did not answer: nothing is known of the file.
        raise
    except _ARCHIVE_ERRORS as error:
        raise unreadable(f"{name} is damaged or cannot be unpacked: {error}") from error


def _read_header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        # Headers written by Python 2 are read too, with a warning that is not for our users.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            version = npy.read_magic(stream)
            if version == (1, 0):
                header = npy.read_array_header_1_0(stream, max_header_size=_MAX_HEADER)
            elif version == (2, 0):
                header = npy.read_array_header_2_0(stream, max_header_size=_MAX_HEADER)
            else:
                raise unreadable(f"{name} is of version {version} of the .npy format.")
    except _HEADER_ERRORS as error:
        raise unreadable(f"{name} is no array in the .npy format.") from error
    shape, fortran, dtype = header
    if any(type(length) is not int or length < 0 for length in shape):
        raise unreadable(f"{name} is no array in the .npy format.")
    return shape, fortran, dtype


def _fill(stream: IO[bytes], buffer: memoryview) -> int:
    """Read until the buffer is full or the stream ends; returns how much was read."""
    filled = 0
    while filled < len(buffer):
        data = stream.read(min(_CHUNK, len(buffer) - filled))
        if not data:
            break
        buffer[filled : filled + len(data)] = data
        filled += len(data)
    return filled


def _copy(stream: IO[bytes], file: IO[bytes], size: int, array: ArrayStream) -> None:
    left = size
    while left:
        data = stream.read(min(_CHUNK, left))
        if not data:
            raise unreadable(f"{array.name} ends before the last of its {array.rows:,} rows.")
        file.write(data)
        left -= len(data)
