"""Single values under keys of the schema."""

import math
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from folders.choices import KeyType
from folders.constants import MAX_VARCHAR_LENGTH

# Below half a step above the largest float32 a number still rounds down to it, as the shortest
# decimal form of that number does.
_FLOAT32_LIMIT = float(np.finfo(np.float32).max) + 2.0**103
_SHOWN = 80
# What Python and PostgreSQL both read: of other forms, as weeks, filters would see nothing.
_STORED_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?|\d{8}(T\d{6}Z?)?",
    re.ASCII,
)
# What filters find: values are kept as they were written, and looked up in these two forms.
_STORED_UUID = re.compile(
    "|".join("-".join(f"[0-9{a}]{{{n}}}" for n in (8, 4, 4, 4, 12)) for a in ("a-f", "A-F"))
)
_SAMPLE_UUID = "0b8f6f0e-3f1c-4a52-9d7e-6c1b2a3d4e5f"


# As it came in JSON; or, where many are on their way at once, as float32 of shape (n,).
VectorValues = list[float] | npt.NDArray[np.float32]


class SchemaKey(Protocol):
    """What checking a value takes of a key."""

    name: str
    type: str
    values: list[str]
    dimensions: int | None


class WrongValue(Exception):
    """The value does not fit the key."""

    def __init__(self, message: str, *, expected: str = "", found: str = "") -> None:
        self.message = message
        self.expected = expected
        self.found = found
        super().__init__(message)


def check_value(key: SchemaKey, value: Any) -> None:
    """Raise WrongValue unless the value fits a key of any type but embedding; null fits all."""
    if value is not None:
        _CHECKS[KeyType(key.type)](key, value)


def check_vector(key: SchemaKey, value: Any) -> None:
    """Raise WrongValue unless the value is a vector of the key: finite numbers, as many as due."""
    size = f"{key.dimensions} numbers" if key.dimensions else "a list of numbers"
    if not isinstance(value, list | np.ndarray):
        raise WrongValue("A vector is a list of numbers.", expected=size, found=describe(value))
    if not len(value) or (key.dimensions and len(value) != key.dimensions):
        message = (
            f"The vector has {len(value)} values; {key.name} takes {key.dimensions or 'some'}."
        )
        raise WrongValue(message, expected=size, found=f"{len(value)} values")
    if isinstance(value, np.ndarray):
        # compact_vectors makes arrays of nothing but finite numbers.
        return
    # Booleans are integers to Python, and numpy would take them too.
    if not set(map(type, value)) <= {int, float}:
        place, wrong = next((n, v) for n, v in enumerate(value) if type(v) not in (int, float))
        message = f"Place {place} of the vector holds no number."
        raise WrongValue(message, expected=size, found=describe(wrong))
    if not _fits_float32(value):
        place = next(n for n, v in enumerate(value) if not _fits_float32([v]))
        message = f"Place {place} of the vector is not finite in 32 bits."
        raise WrongValue(message, expected="finite numbers", found=str(value[place]))


def compact_vectors(metadata: Any, names: Collection[str]) -> None:
    """Make float32 arrays of the vectors in metadata: an eighth of what lists take.

    What is no vector, or one with a value that float32 does not hold, stays as it is, for those to
    find who tell what is wrong.

    Args:
        metadata: of an item or frame, as it came, unchecked.
        names: the live embedding keys.
    """
    if not isinstance(metadata, dict):
        return
    for name in names:
        value = metadata.get(name)
        if isinstance(value, list) and is_number_list(value) and _fits_float32(value):
            metadata[name] = np.asarray(value, dtype=np.float64).astype(np.float32)


def is_number_list(value: Any) -> bool:
    """Whether the value looks like a vector."""
    return isinstance(value, list) and bool(value) and set(map(type, value)) <= {int, float}


def is_finite(value: float) -> bool:
    """Whether a number is finite in 64 bits; JSON can spell out integers that are not."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def parse_datetime(value: str) -> datetime:
    """A moment in ISO 8601; without a zone it is UTC, without a time midnight.

    Raises:
        ValueError: it is none.
    """
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def describe(value: Any) -> str:
    """A value as shown in an error."""
    if isinstance(value, str):
        # Halves of characters cannot be sent back.
        return f'"{value[:_SHOWN].encode(errors="backslashreplace").decode()}"'
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else str(value)[:_SHOWN]


def _fits_float32(values: list[Any]) -> bool:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (OverflowError, ValueError):
        return False
    # NaN compares false, so it fails as well.
    return bool((np.abs(array) < _FLOAT32_LIMIT).all())


def _check_number(key: SchemaKey, value: Any) -> None:
    if type(value) not in (int, float) or not is_finite(value):
        raise WrongValue("This is no number.", expected="a number", found=describe(value))


def _check_boolean(key: SchemaKey, value: Any) -> None:
    if not isinstance(value, bool):
        raise WrongValue(
            "This is not true or false.", expected="true or false", found=describe(value)
        )


def _check_text(key: SchemaKey, value: Any) -> None:
    if not isinstance(value, str):
        raise WrongValue("This is no text.", expected="a text", found=describe(value))
    if "\x00" in value:
        raise WrongValue("The text holds a NUL character.", expected="a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        message = "The text holds half of a character."
        raise WrongValue(message, expected="valid Unicode") from None


def _check_varchar(key: SchemaKey, value: Any) -> None:
    _check_text(key, value)
    if len(value) > MAX_VARCHAR_LENGTH:
        raise WrongValue(
            "The text is too long.",
            expected=f"up to {MAX_VARCHAR_LENGTH} characters",
            found=f"{len(value)} characters",
        )


def _check_datetime(key: SchemaKey, value: Any) -> None:
    expected = "a moment such as 2026-01-31T12:00:00Z"
    if not isinstance(value, str):
        raise WrongValue("This is no moment.", expected=expected, found=describe(value))
    try:
        parse_datetime(value)
        if not _STORED_MOMENT.fullmatch(value):
            raise ValueError
    except ValueError:
        raise WrongValue("This is no moment.", expected=expected, found=describe(value)) from None


def _check_uuid(key: SchemaKey, value: Any) -> None:
    expected = f"a UUID such as {_SAMPLE_UUID}, its letters all small or all capital"
    if not isinstance(value, str) or not _STORED_UUID.fullmatch(value):
        raise WrongValue("This is no UUID.", expected=expected, found=describe(value))


def _check_enum(key: SchemaKey, value: Any) -> None:
    if value not in key.values:
        expected = "one of " + ", ".join(key.values[:10]) + (" …" if len(key.values) > 10 else "")
        message = f"The enum {key.name} has no such value."
        raise WrongValue(message, expected=expected, found=describe(value))


def _check_geospatial(key: SchemaKey, value: Any) -> None:
    expected = 'an object such as {"latitude": 51.5, "longitude": -0.1}'
    if not isinstance(value, dict):
        raise WrongValue("This is no place.", expected=expected, found=describe(value))
    latitude: Any = next((value[n] for n in ("latitude", "lat") if n in value), None)
    longitude: Any = next((value[n] for n in ("longitude", "lng", "lon") if n in value), None)
    for number, limit in ((latitude, 90), (longitude, 180)):
        if type(number) not in (int, float) or not -limit <= number <= limit:
            raise WrongValue("This is no place.", expected=expected, found=describe(number))


_CHECKS: dict[KeyType, Callable[[SchemaKey, Any], None]] = {
    KeyType.NUMBER: _check_number,
    KeyType.BOOLEAN: _check_boolean,
    KeyType.VARCHAR: _check_varchar,
    KeyType.TEXT: _check_text,
    KeyType.DATETIME: _check_datetime,
    KeyType.UUID: _check_uuid,
    KeyType.ENUM: _check_enum,
    KeyType.GEOSPATIAL: _check_geospatial,
    KeyType.EMBEDDING: check_vector,
}
