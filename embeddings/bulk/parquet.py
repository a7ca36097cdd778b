"""Vectors in Parquet files, read batch by batch with pyarrow.

A column of lists of floats (of fixed size or not) holds the vectors; a column of texts, whole
numbers or 16 bytes the ids; perhaps one of whole numbers the frames.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import FieldError
from embeddings.bulk.columns import FRAME_NAMES, ID_NAMES, VECTOR_NAMES, Columns, pick
from embeddings.bulk.numpy_file import found, optional
from embeddings.bulk.rows import (
    MAX_FRAME,
    WHOLE,
    Frames,
    Mask,
    Matrix,
    RowBatch,
    frame_error,
    require_floats,
    require_size,
    rows_per_batch,
    to_float32,
    unreadable,
)
from folders.constants import MAX_DIMENSIONS

MAGIC: Final = b"PAR1"
# pyarrow reads a column chunk through a window of this size, not whole.
_BUFFER: Final = 1024 * 1024
# Limits on what a forged footer can make thrift allocate.
_THRIFT_BYTES: Final = 64 * 1024 * 1024
_THRIFT_CONTAINERS: Final = 1_000_000
# A pyarrow.Array, which is generic for type checkers only.
Column = Any
_FLOATS: Final = {pa.float16(): np.float16, pa.float32(): np.float32, pa.float64(): np.float64}


class ParquetFile:
    """A Parquet file with a column of vectors."""

    format = "parquet"

    def __init__(self, file: IO[bytes], columns: Columns) -> None:
        """Read the footer, and the first row where it must tell the length of vectors.

        Raises:
            InvalidInput: it holds no vectors that can be read.
        """
        self._file = file
        # Names of columns are decoded when they are asked for, and may be forged as well.
        with _damaged_as_invalid():
            self._read_footer(columns)
        require_size(rows=self.rows, dimensions=self.dimensions)

    def _read_footer(self, columns: Columns) -> None:
        parquet = self._open()
        schema = parquet.schema_arrow
        self.rows = parquet.metadata.num_rows
        self._vectors = _vector_column(schema, columns)
        self.id_column = optional(columns.ids, schema.names, ID_NAMES) or _text_column(schema)
        self.frame_column = optional(columns.frames, schema.names, FRAME_NAMES)
        self._check_types(schema)
        kind: Any = schema.field(self._vectors).type
        self.dtype = str(np.dtype(_FLOATS[kind.value_type]))
        self._require_lengths(parquet)
        fixed = pa.types.is_fixed_size_list(kind)
        self.dimensions: int | None = kind.list_size if fixed else self._first_length()

    def batches(self, *, values: bool = True) -> Iterator[RowBatch]:
        """All rows; without their values if so asked."""
        vectors = self._vectors if values else None
        names = [name for name in (vectors, self.id_column, self.frame_column) if name]
        size = rows_per_batch(8 * (self.dimensions or MAX_DIMENSIONS))
        start = 0
        with _damaged_as_invalid():
            for part in self._open().iter_batches(size, columns=names, use_threads=False):
                yield self._batch(start, part, values=values)
                start += part.num_rows
        if start != self.rows:
            raise unreadable(f"The file ends after {start:,} of {self.rows:,} rows.")

    def _open(self) -> pq.ParquetFile:
        self._file.seek(0)
        return pq.ParquetFile(
            self._file,
            buffer_size=_BUFFER,
            pre_buffer=False,
            thrift_string_size_limit=_THRIFT_BYTES,
            thrift_container_size_limit=_THRIFT_CONTAINERS,
        )

    def _check_types(self, schema: pa.Schema) -> None:
        if self.id_column:
            kind = schema.field(self.id_column).type
            if not (_is_text(kind) or pa.types.is_integer(kind) or _is_uuid(kind)):
                raise unreadable(
                    f"The column “{self.id_column}” holds {kind}; ids are texts or whole numbers."
                )
        if self.frame_column:
            kind = schema.field(self.frame_column).type
            if not pa.types.is_integer(kind):
                raise unreadable(
                    f"The column “{self.frame_column}” holds {kind}; frames are whole numbers."
                )

    def _require_lengths(self, parquet: pq.ParquetFile) -> None:
        """Refuse lists that must be too long before one of them is read into memory."""
        metadata = parquet.metadata
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            for place in range(group.num_columns):
                column = group.column(place)
                is_vectors = column.path_in_schema.split(".", 1)[0] == self._vectors
                if is_vectors and column.num_values > max(1, group.num_rows) * MAX_DIMENSIONS:
                    raise unreadable(
                        f"Vectors of the column “{self._vectors}” have more than "
                        f"{MAX_DIMENSIONS} numbers.",
                        code="wrong_length",
                    )

    def _first_length(self) -> int | None:
        """Length of the first vector that is there."""
        for part in self._open().iter_batches(64, columns=[self._vectors], use_threads=False):
            column: Column = part.column(0)
            for length in column.value_lengths().drop_null().to_pylist():
                if length:
                    return int(length)
        return None

    def _batch(self, start: int, part: pa.RecordBatch, *, values: bool) -> RowBatch:
        matrix = np.empty((part.num_rows, 0), dtype=np.float32)
        usable: Mask = np.ones(part.num_rows, dtype=np.bool_)
        errors: list[FieldError] = []
        if values:
            matrix, usable, errors = _matrix(part.column(self._vectors), self.dimensions, start)
        frames: Frames = np.full(part.num_rows, WHOLE, dtype=np.int64)
        if self.frame_column:
            frames, wrong = _frames(part.column(self.frame_column), start)
            usable[[int(error.path.split(".")[1]) - start for error in wrong]] = False
            errors += wrong
        ids = _ids(part.column(self.id_column)) if self.id_column else None
        return RowBatch(start, ids, frames, matrix, usable, errors)


def _vector_column(schema: pa.Schema, columns: Columns) -> str:
    """The column that is asked for, else one of lists of floats by its usual name, or the first."""
    lists = [field.name for field in schema if _is_list(field.type)]
    if columns.vectors:
        name = found(columns.vectors, schema.names, VECTOR_NAMES, "vectors")
        if name not in lists:
            raise unreadable(
                f"The column “{name}” holds {schema.field(name).type}; vectors are lists of floats."
            )
    else:
        name = pick("", lists, VECTOR_NAMES) or next(iter(lists), "")
    if not name:
        raise unreadable(
            f"No column holds lists of floats; there are {', '.join(schema.names[:20])}.",
            code="no_column",
        )
    kind: Any = schema.field(name).type
    if kind.value_type not in _FLOATS:
        raise unreadable(
            f"The column “{name}” holds lists of {kind.value_type}; vectors are float16, float32 "
            "or float64."
        )
    require_floats(np.dtype(_FLOATS[kind.value_type]), name)
    return name


def _text_column(schema: pa.Schema) -> str | None:
    """The first column of texts, where none has a usual name."""
    return next((field.name for field in schema if _is_text(field.type)), None)


def _matrix(
    column: Column, dimensions: int | None, start: int
) -> tuple[Matrix, Mask, list[FieldError]]:
    """Vectors of a column; rows that are null, too long, too short or hold nulls become zeros."""
    lengths = np.asarray(column.value_lengths().fill_null(-1), dtype=np.int64)
    usable: Mask = lengths == (dimensions or 0)
    errors = [_length_error(start + row, int(lengths[row]), dimensions) for row in _false(usable)]
    flat = column.filter(pa.array(usable)).flatten() if errors else column.flatten()
    kept = np.zeros((int(usable.sum()), dimensions or 0), dtype=np.float32)
    if flat.null_count:
        nulls = np.asarray(flat.is_null()).reshape(kept.shape)
        rows = np.flatnonzero(usable)
        for place in np.flatnonzero(nulls.any(axis=1)).tolist():
            row = int(rows[place])
            usable[row] = False
            errors.append(_null_error(start + row, int(nulls[place].argmax())))
        flat = flat.fill_null(0.0)
    kept = to_float32(flat.to_numpy(zero_copy_only=False).reshape(kept.shape))
    if len(kept) == len(usable):
        return kept, usable, errors
    values = np.zeros((len(usable), dimensions or 0), dtype=np.float32)
    values[lengths == (dimensions or 0)] = kept
    return values, usable, errors


def _frames(column: Column, start: int) -> tuple[Frames, list[FieldError]]:
    """Frame numbers; null stands for the item as a whole."""
    numbers = [WHOLE if number is None else number for number in column.to_pylist()]
    errors = [
        frame_error(start + place, number)
        for place, number in enumerate(numbers)
        if not WHOLE <= number <= MAX_FRAME
    ]
    fitting = [number if WHOLE <= number <= MAX_FRAME else WHOLE for number in numbers]
    return np.array(fitting, dtype=np.int64), errors


def _ids(column: Column) -> list[str]:
    """Ids as texts; null becomes empty."""
    if _is_uuid(column.type):
        return ["" if value is None else str(_uuid(value)) for value in column.to_pylist()]
    return ["" if value is None else str(value) for value in column.to_pylist()]


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(bytes=value)


def _length_error(row: int, length: int, dimensions: int | None) -> FieldError:
    if length < 0:
        expected = f"{dimensions} numbers" if dimensions else "a list of numbers"
        return FieldError(
            f"rows.{row}.vector", "The vector is missing.", "not_a_vector", expected, "null"
        )
    found_ = f"{length} numbers" if length else "an empty list"
    message = f"The vectors of this file have {dimensions} numbers, this one has {length}."
    if dimensions is None:
        message = "A vector has one number or more."
    return FieldError(
        f"rows.{row}.vector", message, "wrong_length", f"{dimensions or 'some'} numbers", found_
    )


def _null_error(row: int, place: int) -> FieldError:
    return FieldError(
        f"rows.{row}.vector.{place}",
        "A vector holds numbers only.",
        "not_a_number",
        "a finite number",
        "null",
    )


def _false(mask: Mask) -> list[int]:
    places: npt.NDArray[np.intp] = np.flatnonzero(~mask)
    return [int(place) for place in places]


def _is_list(kind: pa.DataType) -> bool:
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    return is_list or pa.types.is_fixed_size_list(kind)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_uuid(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return kind.extension_name == "arrow.uuid"
    return pa.types.is_fixed_size_binary(kind) and kind.byte_width == 16


@contextmanager
def _damaged_as_invalid() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, EOFError, UnicodeError, MemoryError) as error:
        reason = str(error).split("\n", 1)[0][:300]
        raise unreadable(f"The Parquet file is damaged or cannot be read: {reason}") from error
