"""Checks of the values that leaves compare with; each returns the one form of equal values."""

from collections.abc import Callable
from datetime import UTC
from typing import Any
from uuid import UUID

from core.errors import FieldError, InvalidInput
from folders.metadata.values import describe, is_finite, parse_datetime

# A list of items that somebody selected; beyond it a filter says what it means in another way.
MAX_VALUES = 20_000
MAX_TEXT = 2000

Check = Callable[[Any, str], Any]


def wrong(path: str, message: str, *, expected: str = "", found: Any = None) -> InvalidInput:
    """The error of one place in a filter."""
    shown = "" if found is None else describe(found)
    # At the top of a filter the path of a leaf is empty.
    error = FieldError(path.removeprefix("."), message, "filter", expected, shown)
    return InvalidInput(message, code="invalid_filter", errors=[error])


def text(value: Any, path: str) -> str:
    """A text."""
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\x00" in value:
        raise wrong(path, "This is no text.", expected="a text", found=value)
    return value


def number(value: Any, path: str) -> int | float:
    """A finite number; the rail sends them as texts."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise wrong(path, "This is no number.", expected="a number", found=value) from None
    if type(value) not in (int, float) or not is_finite(value) or abs(value) > 1e300:
        raise wrong(path, "This is no number.", expected="a number", found=value)
    return int(value) if value == int(value) and abs(value) < 2**53 else float(value)


def unit_id(value: Any, path: str) -> int:
    """The id of a unit; forms send them as texts."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if type(value) is not int or not 0 < value < 2**63:
        raise wrong(path, "This is no id of a unit.", expected="a whole number", found=value)
    return value


def boolean(value: Any, path: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong(path, "This is not true or false.", expected="true or false", found=value)
    return value


def moment(value: Any, path: str) -> str:
    """A moment in ISO 8601, in UTC: so equal moments have one form, and texts their order."""
    try:
        return parse_datetime(value).astimezone(UTC).isoformat()
    except (TypeError, ValueError, OverflowError):
        expected = "a moment such as 2026-01-31T12:00:00Z"
        raise wrong(path, "This is no moment.", expected=expected, found=value) from None


def uuid(value: Any, path: str) -> str:
    """A UUID in lower case."""
    try:
        return str(UUID(value))
    except (TypeError, ValueError, AttributeError):
        raise wrong(path, "This is no UUID.", expected="a UUID", found=value) from None


def choice(options: list[str]) -> Check:
    """One of some texts."""

    def check(value: Any, path: str) -> str:
        if value not in options:
            expected = "one of " + ", ".join(options)
            raise wrong(path, "There is no such choice.", expected=expected, found=value)
        return str(value)

    return check


def several(check: Check) -> Check:
    """A list of values, repetitions left out."""

    def check_all(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_VALUES:
            expected = f"a list of 1 to {MAX_VALUES} values"
            raise wrong(path, "This is no list of values.", expected=expected, found=value)
        checked = [check(part, f"{path}.{place}") for place, part in enumerate(value)]
        return list(dict.fromkeys(checked))

    return check_all


def pair(check: Check) -> Check:
    """Lower and upper end of a range, both included."""

    def check_both(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise wrong(path, "This is no range.", expected="[lowest, highest]", found=value)
        low, high = (check(part, f"{path}.{place}") for place, part in enumerate(value))
        if low > high:
            message = "The lower end lies above the upper end."
            raise wrong(path, message, expected="[lowest, highest]", found=value)
        return [low, high]

    return check_both
