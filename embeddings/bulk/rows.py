"""What the readers of all formats give."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.errors import FieldError, InvalidInput
from folders.constants import MAX_DIMENSIONS

Matrix = npt.NDArray[np.float32]
Frames = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# In `frames`: the item as a whole.
WHOLE = -1
# PostgreSQL's integer holds frame numbers.
MAX_FRAME = 2**31 - 1
# What one batch holds of a matrix.
BATCH_BYTES = 4 * 1024 * 1024
# Rows that one import takes; their ids and places are what memory holds of a file.
MAX_ROWS = 20_000_000
# The longest id: an address of a cloud object.
MAX_ID_LENGTH = 2048


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some consecutive rows of a file.

    Attributes:
        start: number of the first row; rows count from 0.
        ids: of each row; None when the file has no ids.
        frames: int64 of shape (n,), WHOLE where the row is for the item as a whole.
        values: float32 of shape (n, dimensions); without meaning where `usable` is false.
        usable: of shape (n,); false for rows that `errors` names.
        errors: what is wrong with single rows, under the path `rows.<number>`.
    """

    start: int
    ids: list[str] | None
    frames: Frames
    values: Matrix
    usable: Mask
    errors: list[FieldError] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.values)


class VectorFile(Protocol):
    """A file of vectors that has been opened and found readable.

    Attributes:
        format: "npy", "npz" or "parquet".
        rows: how many there are.
        dimensions: of every vector; None for an empty file of lists of any length.
        dtype: type of the numbers as stored: "float32", "float16" or "float64".
        id_column, frame_column: where ids and frame numbers stand; None when there are none.
    """

    format: str
    rows: int
    dimensions: int | None
    dtype: str
    id_column: str | None
    frame_column: str | None

    def batches(self, *, values: bool = True) -> Iterator[RowBatch]:
        """All rows from the first one on; may be called again.

        Args:
            values: read the vectors; else those of all batches have the shape (n, 0), and nothing
                is said about rows that only their vectors make unusable.

        Raises:
            InvalidInput: the file ends too early or is damaged.
        """


def rows_per_batch(*row_bytes: int) -> int:
    """How many rows make a batch, from the bytes that one takes in each of its arrays."""
    return max(1, min(65_536, BATCH_BYTES // max(1, *row_bytes)))


def to_float32(values: npt.NDArray[Any]) -> Matrix:
    """Float numbers of any width and byte order as native float32, each rounded at most once.

    Numbers beyond float32 become infinite, which is refused where rows are checked.
    """
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(values, dtype=np.float32)


def id_texts(values: npt.NDArray[Any]) -> list[str]:
    """Ids of an array of texts, bytes or whole numbers; bytes that are no UTF-8 are empty."""
    if values.dtype.kind == "S":
        return [_decoded(value) for value in values.tolist()]
    return [str(value) for value in values.tolist()]


def frame_numbers(values: npt.NDArray[Any], start: int) -> tuple[Frames, list[FieldError]]:
    """Frame numbers as int64; WHOLE is kept, other negative and too large ones are errors."""
    # Unsigned numbers beyond int64 come out negative, and so are refused as well.
    frames = values.astype(np.int64)
    wrong = np.flatnonzero((frames < WHOLE) | (frames > MAX_FRAME)).tolist()
    return frames, [frame_error(start + place, values[place]) for place in wrong]


def frame_error(row: int, found: Any) -> FieldError:
    """The error of a frame number that is none."""
    return FieldError(
        f"rows.{row}.frame",
        "Frames are numbered from 0.",
        "not_a_frame",
        "a whole number from 0, or -1 for the item as a whole",
        str(found)[:40],
    )


def require_size(*, rows: int, dimensions: int | None) -> None:
    """Raise InvalidInput for a file of too many rows, or vectors of no possible length."""
    if rows > MAX_ROWS:
        raise unreadable(f"The file has {rows:,} rows; at most {MAX_ROWS:,} can be imported.")
    if dimensions is not None and not 1 <= dimensions <= MAX_DIMENSIONS:
        raise unreadable(
            f"A vector has 1 to {MAX_DIMENSIONS} numbers; those of the file have {dimensions:,}.",
            code="wrong_length",
        )


def require_floats(dtype: np.dtype[Any], what: str) -> None:
    """Raise InvalidInput unless the numbers are floats of 16, 32 or 64 bits."""
    if dtype.hasobject:
        raise unreadable(
            f"{what} holds Python objects, which would have to be unpickled; that is never done. "
            "Save the matrix as float32, and ids as texts: np.array(ids, dtype=str)."
        )
    if dtype.kind != "f" or dtype.itemsize > 8:
        raise unreadable(f"{what} holds {dtype.name}; vectors are float16, float32 or float64.")


def unreadable(message: str, *, code: str = "unreadable_vectors") -> InvalidInput:
    """The error of a file that cannot be taken as a whole."""
    return InvalidInput(message, code=code)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return ""
