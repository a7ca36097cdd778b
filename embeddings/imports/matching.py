"""Which row of a dataset's matrix is whose, checked with all values before anything is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt

from core.errors import FieldError, InvalidInput
from embeddings.bulk import RowBatch, VectorFile
from embeddings.bulk.ids import shown
from embeddings.bulk.rows import WHOLE, unreadable
from embeddings.services.row_targets import NONE
from embeddings.values import check_finite
from folders.dataset.walk import DatasetFile

_NAMED = 20


class Order(StrEnum):
    """The rule by which rows without ids belong to files."""

    # Row n is the n-th file in the order of paths within the directory, by code points.
    PATH = "path"


@dataclass(frozen=True, slots=True)
class MatrixPlan:
    """Rows of a matrix and the files that they are for.

    Attributes:
        file: the matrix.
        places: of shape (rows,): place of each row's file in the list of files.
        rule: how they were brought together, in words.
        without: how many files have no row.
        zero: how many vectors are all zeros.
    """

    file: VectorFile
    places: npt.NDArray[np.int64]
    rule: str
    without: int
    zero: int


def plan_matrix(
    file: VectorFile,
    files: Sequence[DatasetFile],
    *,
    ids: Sequence[str] | None,
    order: Order | None,
) -> MatrixPlan:
    """Bring rows and files together, and check all values.

    Args:
        file: the matrix.
        files: in the order of their paths.
        ids: of the rows, from a file of their own; None for those in the file itself.
        order: the rule for rows without ids.

    Raises:
        InvalidInput: naming rows that fit no file or several, and values that are not finite.
    """
    own, zero = _scan(file)
    ids = ids if ids is not None else own
    if ids is None:
        places, rule = _by_order(file, files, order), "in the order of paths"
    else:
        if len(ids) != file.rows:
            raise _mismatch(f"There are {len(ids):,} ids for {file.rows:,} rows.")
        places, rule = _by_ids(ids, files)
    return MatrixPlan(file, places, rule, len(files) - len(places), zero)


def _scan(file: VectorFile) -> tuple[list[str] | None, int]:
    """The ids in the file and the number of zero vectors; refuses what is no vector."""
    ids: list[str] | None = [] if file.id_column else None
    errors: list[FieldError] = []
    zero = 0
    for batch in file.batches():
        errors += batch.errors
        if (batch.frames != WHOLE).any():
            raise unreadable("The matrix names frames. Import it on the page of the folder.")
        if not np.isfinite(batch.values[batch.usable]).all():
            errors += _not_finite(batch)
        zero += int((batch.usable & ~batch.values.any(axis=1)).sum())
        if ids is not None:
            ids += batch.ids or []
    _refuse(errors, "values are not valid")
    return ids, zero


def _not_finite(batch: RowBatch) -> list[FieldError]:
    return check_finite(
        batch.values, path_of=lambda row: f"rows.{batch.start + row}.vector", limit=_NAMED
    )


def _by_order(
    file: VectorFile, files: Sequence[DatasetFile], order: Order | None
) -> npt.NDArray[np.int64]:
    if order is None:
        raise _mismatch(
            "The matrix has no ids, so nobody can tell which row is whose. Name a file of ids with "
            "--ids, or say --order path if row n belongs to the n-th file in the order of paths."
        )
    if file.rows != len(files):
        raise _mismatch(
            f"The matrix has {file.rows:,} rows, the directory {len(files):,} pictures and videos: "
            "by their order alone they do not fit together."
        )
    return np.arange(file.rows, dtype=np.int64)


def _by_ids(ids: Sequence[str], files: Sequence[DatasetFile]) -> tuple[npt.NDArray[np.int64], str]:
    """Places by the reading of ids that fits most of them."""
    best: tuple[int, str, dict[str, int]] = (-1, "", {})
    for rule, text in _READINGS.items():
        known: dict[str, int] = {}
        for place, file in enumerate(files):
            known[text(file)] = NONE if text(file) in known else place
        fits = sum(known.get(one, NONE) != NONE for one in ids)
        if fits > best[0]:
            best = (fits, rule, known)
    _, rule, known = best
    errors = []
    for row, one in enumerate(ids):
        if one not in known:
            errors.append(_row_error(row, one, "No file of the directory is called so.", "unknown"))
        elif known[one] == NONE:
            message = "Several files of the directory are called so."
            errors.append(_row_error(row, one, message, "ambiguous"))
    places = np.array([known.get(one, NONE) for one in ids], dtype=np.int64)
    _, first = np.unique(places, return_index=True)
    later = sorted(set(range(len(ids))) - set(first.tolist()))
    errors += [
        _row_error(row, ids[row], "An earlier row is for this file.", "repeated")
        for row in later
        if places[row] != NONE
    ]
    _refuse(errors, "rows do not fit the files")
    return places, f"by {rule}"


_READINGS: dict[str, Callable[[DatasetFile], str]] = {
    "path": lambda file: file.relative,
    "file name": lambda file: file.name,
    "path without suffix": lambda file: file.stem,
    "file name without suffix": lambda file: PurePosixPath(file.name).stem,
}


def _row_error(row: int, one: str, message: str, code: str) -> FieldError:
    return FieldError(f"rows.{row}", message, code, found=shown(one))


def _refuse(errors: Sequence[FieldError], what: str) -> None:
    if errors:
        raise InvalidInput(
            f"{len(errors):,} {what}. Nothing was imported.",
            code="invalid_matrix",
            errors=list(errors[:_NAMED]),
        )


def _mismatch(message: str) -> InvalidInput:
    return InvalidInput(message, code="rows_and_files_differ")
