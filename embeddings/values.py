"""Reads vectors from what people send: JSON lists and arrays become float32, or are refused.

A number that JSON carries is rounded once to the nearest float32; float32 values come back bit for
bit. Pure: knows no database.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import FieldError
from folders.constants import MAX_DIMENSIONS

Matrix = npt.NDArray[np.float32]

_FLOAT32_LIMIT = float(np.finfo(np.float32).max) + 2.0**103
_NUMBERS = frozenset({int, float})


def read_vector(
    values: Any, *, dimensions: int | None, path: str
) -> tuple[Matrix | None, FieldError | None]:
    """One vector from JSON as float32 of shape (dimensions,), or the first thing wrong with it.

    Args:
        values: what was sent: JSON, or float32 of shape (n,), which is taken as it is.
        dimensions: the size that is asked for; None takes any from 1 to 4096.
        path: where it stands in the request, e.g. `vectors.3.values`.
    """
    if isinstance(values, np.ndarray):
        return _checked(values, dimensions=dimensions, path=path)
    error = check_shape(values, dimensions=dimensions, path=path)
    if error is not None:
        return None, error
    # Overflow to infinity is looked for below, where the place is known.
    with np.errstate(over="ignore"):
        try:
            vector = np.asarray(values, dtype=np.float64).astype(np.float32)
        except OverflowError:  # an integer beyond float64
            vector = np.array([np.inf], dtype=np.float32)
    if not np.isfinite(vector).all():
        return None, _first_unusable(values, path)
    return vector, None


def read_vectors(
    rows: Sequence[Any], *, dimensions: int | None, paths: Sequence[str]
) -> tuple[Matrix, list[FieldError]]:
    """Vectors from JSON as float32 of shape (n, dimensions), and all that is wrong with them.

    Some may be arrays of finite float32 already. Without a size, all must have that of the first.
    The matrix holds the rows without errors.
    """
    vectors: list[npt.NDArray[np.float32]] = []
    errors: list[FieldError] = []
    for values, path in zip(rows, paths, strict=True):
        vector: Matrix | None
        if isinstance(values, np.ndarray):
            vector, error = values, check_length(len(values), dimensions=dimensions, path=path)
        else:
            vector, error = read_vector(values, dimensions=dimensions, path=path)
        if error is not None or vector is None:
            errors += [error] if error else []
            continue
        dimensions = dimensions or len(vector)
        vectors.append(vector)
    matrix = np.array(vectors, dtype=np.float32).reshape(len(vectors), dimensions or 0)
    return matrix, errors


def as_json(vector: npt.NDArray[np.float32]) -> list[float]:
    """A vector as the shortest decimal numbers that stand for the same float32 values."""
    return [float(str(value)) for value in vector]


def check_shape(values: Any, *, dimensions: int | None, path: str) -> FieldError | None:
    """Whether a JSON value is a flat list of numbers of the right length; its error if not."""
    expected = f"a list of {dimensions or 'one or more'} numbers"
    if not isinstance(values, list):
        return FieldError(
            path, f"A vector is {expected}.", "not_a_vector", expected, describe(values)
        )
    # Booleans are integers to Python, so the types themselves are compared.
    if not _NUMBERS.issuperset(map(type, values)):
        for position, value in enumerate(values):
            if type(value) in _NUMBERS:
                continue
            return FieldError(
                f"{path}.{position}",
                "A vector holds numbers only.",
                "not_a_number",
                "a finite number",
                describe(value),
            )
    return check_length(len(values), dimensions=dimensions, path=path)


def check_length(length: int, *, dimensions: int | None, path: str) -> FieldError | None:
    """Whether a vector has the size of its key; the error if not."""
    found = f"{length} numbers" if length else "an empty list"
    if dimensions is not None and length != dimensions:
        message = f"This embedding has {dimensions} dimensions, the vector has {length}."
        return FieldError(path, message, "wrong_length", f"{dimensions} numbers", found)
    if not 1 <= length <= MAX_DIMENSIONS:
        message = f"A vector has 1 to {MAX_DIMENSIONS} numbers."
        return FieldError(path, message, "wrong_length", f"1 to {MAX_DIMENSIONS} numbers", found)
    return None


def check_finite(matrix: Matrix, *, path_of: Callable[[int], str], limit: int) -> list[FieldError]:
    """The first `limit` rows of a matrix of shape (n, dimensions) that hold NaN or infinity."""
    bad_rows = np.flatnonzero(~np.isfinite(matrix).all(axis=1))[:limit]
    return [
        error
        for row in bad_rows.tolist()
        if (error := _first_unusable(matrix[row].tolist(), path_of(row))) is not None
    ]


def describe(value: Any) -> str:
    """A value as an error message shows it: short, and by its JSON type where that is the point."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text “{printable(value)}”"
        case list():
            return "a list"
        case dict():
            return "an object"
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "infinity" if value > 0 else "-infinity"
        case int() if abs(value) > 10**40:
            return "an integer of more than 40 digits"
    return str(value)


def printable(text: str) -> str:
    """The beginning of a text from outside, without halves of characters, which UTF-8 lacks."""
    return text[:40].encode(errors="backslashreplace").decode()


def _checked(
    values: Matrix, *, dimensions: int | None, path: str
) -> tuple[Matrix | None, FieldError | None]:
    """A vector that came as float32."""
    error = check_length(len(values), dimensions=dimensions, path=path)
    if error is None and not np.isfinite(values).all():
        error = _first_unusable(values.tolist(), path)
    return (None if error else values), error


def _first_unusable(values: Sequence[float], path: str) -> FieldError | None:
    """The error of the first value that no finite float32 stands for."""
    for position, value in enumerate(values):
        # Below half a step above the largest float32, a number still rounds down to it. NaN fails
        # every comparison.
        if not abs(value) < _FLOAT32_LIMIT:
            return FieldError(
                f"{path}.{position}",
                "A vector holds finite numbers that fit into float32 (up to 3.4e38).",
                "not_finite",
                "a finite float32",
                describe(value),
            )
    return None
