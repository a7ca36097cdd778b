"""Vectors in .npy and .npz files.

.npy    a matrix (n, dimensions); or a structured array with a field of vectors and one of ids
.npz    a zip archive of arrays `ids`, `vectors` and perhaps `frames`, all of n rows
"""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from core.errors import FieldError
from embeddings.bulk.arrays import ArrayStream, damaged_as_invalid
from embeddings.bulk.columns import FRAME_NAMES, ID_NAMES, VECTOR_NAMES, Columns, pick
from embeddings.bulk.rows import (
    MAX_ID_LENGTH,
    WHOLE,
    Frames,
    RowBatch,
    frame_numbers,
    id_texts,
    require_floats,
    require_size,
    rows_per_batch,
    to_float32,
    unreadable,
)

_MAX_ENTRIES: Final = 100


class NpyFile:
    """A .npy file: one matrix, or one structured array."""

    format = "npy"

    def __init__(self, file: IO[bytes], columns: Columns) -> None:
        """Read the header.

        Raises:
            InvalidInput: it holds no vectors that can be read.
        """
        self._file = file
        array = self._open()
        self._fields = array.dtype.fields
        self.rows = array.rows
        self.id_column: str | None = None
        self.frame_column: str | None = None
        if self._fields is None:
            require_matrix(array.shape, array.dtype, "The file")
            self.dimensions: int | None = array.shape[1]
            self.dtype = array.dtype.name
        else:
            self._read_fields(array, columns)
        require_size(rows=self.rows, dimensions=self.dimensions)

    def batches(self, *, values: bool = True) -> Iterator[RowBatch]:
        """All rows; without their values if so asked."""
        array = self._open()
        step = rows_per_batch(array.row_bytes)
        for start in range(0, self.rows, step):
            rows = array.read(step)
            vectors = rows if self._fields is None else rows[self._vectors]
            ids = rows[self.id_column] if self.id_column else None
            frames = rows[self.frame_column] if self.frame_column else None
            yield batch(start, vectors if values else vectors[:, :0], ids, frames)
        array.require_end()

    def _open(self) -> ArrayStream:
        self._file.seek(0)
        return ArrayStream(self._file, "The file")

    def _read_fields(self, array: ArrayStream, columns: Columns) -> None:
        names = array.dtype.names or ()
        if len(array.shape) != 1:
            raise unreadable("A structured array of vectors has one dimension.")
        self._vectors = found(columns.vectors, names, VECTOR_NAMES, "vectors")
        self.id_column = optional(columns.ids, names, ID_NAMES)
        self.frame_column = optional(columns.frames, names, FRAME_NAMES)
        base, shape = array.dtype[self._vectors].subdtype or (array.dtype[self._vectors], ())
        require_matrix((array.rows, *shape), base, f"The field “{self._vectors}”")
        self.dimensions, self.dtype = shape[0], base.name
        for column, check in ((self.id_column, require_ids), (self.frame_column, require_frames)):
            if column:
                check(array.dtype[column], (array.rows,), f"The field “{column}”")


class NpzFile:
    """A .npz archive; its arrays are streamed out of their entries side by side."""

    format = "npz"

    def __init__(self, file: IO[bytes], columns: Columns) -> None:
        """Read the list of entries and the headers of those that matter.

        Raises:
            InvalidInput: it holds no vectors that can be read.
        """
        with damaged_as_invalid("The archive"):
            self._archive = zipfile.ZipFile(file)
        entries = {
            entry.removesuffix(".npy"): entry
            for entry in self._archive.namelist()[:_MAX_ENTRIES]
            if entry.endswith(".npy")
        }
        self._entries = entries
        self._vectors = found(columns.vectors, entries, VECTOR_NAMES, "vectors")
        self.id_column = optional(columns.ids, entries, ID_NAMES)
        self.frame_column = optional(columns.frames, entries, FRAME_NAMES)
        with self._arrays() as (vectors, ids, frames):
            require_matrix(vectors.shape, vectors.dtype, f"The array “{self._vectors}”")
            self.rows = vectors.rows
            self.dimensions: int | None = vectors.shape[1]
            self.dtype = vectors.dtype.name
            require_size(rows=self.rows, dimensions=self.dimensions)
            if ids:
                require_ids(ids.dtype, ids.shape, f"The array “{ids.name}”")
            if frames:
                require_frames(frames.dtype, frames.shape, f"The array “{frames.name}”")
            for array in (ids, frames):
                if array and array.rows != self.rows:
                    raise unreadable(
                        f"“{array.name}” has {array.rows:,} rows, “{self._vectors}” {self.rows:,}.",
                        code="wrong_row_count",
                    )

    def batches(self, *, values: bool = True) -> Iterator[RowBatch]:
        """All rows; without their values if so asked."""
        with self._arrays() as (vectors, ids, frames):
            read = [array for array in (vectors if values else None, ids, frames) if array]
            step = rows_per_batch(*(array.row_bytes for array in read))
            for start in range(0, self.rows, step):
                count = min(step, self.rows - start)
                yield batch(
                    start,
                    vectors.read(step) if values else np.empty((count, 0), dtype=np.float32),
                    ids.read(step) if ids else None,
                    frames.read(step) if frames else None,
                )
            for array in read:
                array.require_end()

    @contextmanager
    def _arrays(self) -> Iterator[tuple[ArrayStream, ArrayStream | None, ArrayStream | None]]:
        with ExitStack() as stack:

            def opened(name: str | None) -> ArrayStream | None:
                if name is None:
                    return None
                with damaged_as_invalid(f"“{name}”"):
                    stream = stack.enter_context(self._archive.open(self._entries[name]))
                return ArrayStream(stream, name)

            vectors = opened(self._vectors)
            assert vectors is not None  # noqa: S101 - its name is not None
            yield vectors, opened(self.id_column), opened(self.frame_column)


def batch(
    start: int,
    vectors: npt.NDArray[Any],
    ids: npt.NDArray[Any] | None = None,
    frames: npt.NDArray[Any] | None = None,
) -> RowBatch:
    """Rows of parallel arrays."""
    usable = np.ones(len(vectors), dtype=np.bool_)
    numbers: Frames = np.full(len(vectors), WHOLE, dtype=np.int64)
    errors: list[FieldError] = []
    if frames is not None:
        numbers, errors = frame_numbers(frames, start)
        usable[(numbers < WHOLE) | (numbers >= 2**31)] = False
    return RowBatch(
        start=start,
        ids=None if ids is None else id_texts(ids),
        frames=numbers,
        values=to_float32(vectors),
        usable=usable,
        errors=errors,
    )


def require_matrix(shape: tuple[int, ...], dtype: np.dtype[Any], what: str) -> None:
    """Raise InvalidInput unless this is a matrix of floats."""
    require_floats(dtype, what)
    if len(shape) != 2:
        raise unreadable(
            f"{what} has {len(shape)} axes (shape {shape}); a matrix has two: rows and dimensions.",
            code="wrong_shape",
        )


def require_ids(dtype: np.dtype[Any], shape: tuple[int, ...], what: str) -> None:
    """Raise InvalidInput unless these are texts or whole numbers, one for each row."""
    if len(shape) != 1 or dtype.kind not in "USiu":
        raise unreadable(f"{what} is no list of ids: texts or whole numbers, one for each row.")
    if dtype.itemsize > 4 * MAX_ID_LENGTH:
        raise unreadable(f"{what} takes ids longer than {MAX_ID_LENGTH} characters.")


def require_frames(dtype: np.dtype[Any], shape: tuple[int, ...], what: str) -> None:
    """Raise InvalidInput unless these are whole numbers, one for each row."""
    if len(shape) != 1 or dtype.kind not in "iu":
        raise unreadable(f"{what} is no list of frame numbers: whole numbers, one for each row.")


def found(asked: str, present: Any, usual: tuple[str, ...], what: str) -> str:
    """The name of a part that must be there.

    Raises:
        InvalidInput: it is not.
    """
    name = pick(asked, present, usual)
    if name is None:
        there = ", ".join(f"“{one}”" for one in list(present)[:20]) or "nothing"
        wanted = f"“{asked}”" if asked else f"{what} (called {', '.join(usual[:4])}, …)"
        raise unreadable(f"The file has no {wanted}; it holds {there}.", code="no_column")
    return name


def optional(asked: str, present: Any, usual: tuple[str, ...]) -> str | None:
    """The name of a part that may be missing, unless it was asked for.

    Raises:
        InvalidInput: it was, and is missing.
    """
    return found(asked, present, usual, "") if asked else pick("", present, usual)
