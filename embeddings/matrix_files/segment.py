"""One immutable file of vectors: up to 65,536 rows in unit order, mapped into memory.

    header (4,096 bytes) | values, float32 (n, d) | unit ids, int64 (n,) | norms, float64 (n,)

Numbers stand in the machine's own byte order, so that BLAS reads them where they lie. The header
has a checksum of itself, looked at whenever the file is opened, and one of everything behind it,
which somebody looks at once in the background. Pure: knows no database.
"""

import mmap
import os
import struct
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from embeddings.matrix_files.errors import DamagedFile

SEGMENT_ROWS = 65_536

_MAGIC = b"KINDRED\x01"
# Magic, byte order, dimensions, rows, checksum of the data; then the checksum of these.
_FIELDS = struct.Struct("=8s6sIQI2x")
_CHECK = struct.Struct("=I")
# A page, so that values begin on one.
_HEADER_BYTES = 4096
_BYTES_AT_ONCE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows of one file, read-only; they stay readable after the file was removed.

    Attributes:
        values: float32 of shape (n, dimensions).
        unit_ids: shape (n,), ascending.
        norms: Euclidean lengths in float64, shape (n,).
        checksum: of the data, as the header has it.
    """

    path: Path
    values: NDArray[np.float32]
    unit_ids: NDArray[np.int64]
    norms: NDArray[np.float64]
    checksum: int


class SegmentWriter:
    """Writes one segment, block after block: `with SegmentWriter(path, 512) as writer: …`.

    The file is whole, and on the disk, when the block is left without an error; else it is removed.
    """

    def __init__(self, path: Path, dimensions: int) -> None:
        """Begin a file that is not there yet."""
        self._path = path
        self._dimensions = dimensions
        self._file = path.open("xb")
        self._unit_ids: list[NDArray[np.int64]] = []
        self._norms: list[NDArray[np.float64]] = []
        self.rows = 0
        self.checksum = 0

    def __enter__(self) -> Self:
        self._file.write(bytes(_HEADER_BYTES))
        return self

    def append(
        self,
        unit_ids: NDArray[np.int64],
        norms: NDArray[np.float64],
        values: NDArray[np.float32],
    ) -> None:
        """Add rows behind those that are there; their ids are larger."""
        if self.rows + len(unit_ids) > SEGMENT_ROWS:
            raise ValueError("A segment holds no more rows than that.")
        self._unit_ids.append(unit_ids)
        self._norms.append(norms)
        self.rows += len(unit_ids)
        self._put(values)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file:
            if error is None:
                self._finish()
        if error is not None:
            self._path.unlink(missing_ok=True)

    def _finish(self) -> None:
        for column in (*self._unit_ids, *self._norms):
            self._put(column)
        fields = _FIELDS.pack(
            _MAGIC, sys.byteorder.encode(), self._dimensions, self.rows, self.checksum
        )
        self._file.seek(0)
        self._file.write(fields + _CHECK.pack(zlib.crc32(fields)))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _put(self, values: NDArray[np.generic]) -> None:
        data = np.ascontiguousarray(values).data.cast("B")
        self.checksum = zlib.crc32(data, self.checksum)
        self._file.write(data)


def open_segment(path: Path) -> Segment:
    """Map a segment after a look at its header and its size.

    Raises:
        DamagedFile: it is not what its header says, or was written on another kind of machine.
        FileNotFoundError: it is not there.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        dimensions, rows, checksum = _read_header(path, header)
        size = _HEADER_BYTES + rows * (4 * dimensions + 16)
        if os.fstat(file.fileno()).st_size != size:
            raise DamagedFile(f"{path.name} has another length than its header says.")
        mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
    values_end = _HEADER_BYTES + 4 * rows * dimensions
    values = np.frombuffer(mapped, np.float32, rows * dimensions, _HEADER_BYTES)
    return Segment(
        path=path,
        values=values.reshape(rows, dimensions),
        unit_ids=np.frombuffer(mapped, np.int64, rows, values_end),
        norms=np.frombuffer(mapped, np.float64, rows, values_end + 8 * rows),
        checksum=checksum,
    )


def is_sound(segment: Segment) -> bool:
    """Whether the data is what was written; reads all of it."""
    checksum = 0
    with segment.path.open("rb") as file:
        file.seek(_HEADER_BYTES)
        while data := file.read(_BYTES_AT_ONCE):
            checksum = zlib.crc32(data, checksum)
    return checksum == segment.checksum


def _read_header(path: Path, header: bytes) -> tuple[int, int, int]:
    """(dimensions, rows, checksum of the data)."""
    if len(header) < _HEADER_BYTES:
        raise DamagedFile(f"{path.name} ends within its header.")
    fields = header[: _FIELDS.size]
    (check,) = _CHECK.unpack_from(header, _FIELDS.size)
    magic, byte_order, dimensions, rows, checksum = _FIELDS.unpack(fields)
    if magic != _MAGIC or check != zlib.crc32(fields):
        raise DamagedFile(f"{path.name} has no header of ours.")
    if byte_order.rstrip(b"\0").decode() != sys.byteorder:
        raise DamagedFile(f"{path.name} was written on another kind of machine.")
    if not rows or not dimensions:
        raise DamagedFile(f"{path.name} is empty.")
    return dimensions, rows, checksum
