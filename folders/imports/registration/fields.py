"""Reads the fields of one entry, under either spelling, and gathers what is wrong."""

from typing import Any

from core.errors import FieldError
from folders.metadata.values import describe, is_finite

_MAX_INTEGER = 2**31 - 1
_MAX_SIZE = 2**63 - 1


class Fields:
    """The fields of one object; those that nobody asks for are left over."""

    def __init__(self, value: dict[str, Any], path: str, errors: list[FieldError]) -> None:
        self._value = value
        self._asked: set[str] = set()
        self.path = path
        self.errors = errors

    def get(self, *names: str) -> tuple[str, Any]:
        """The place and value of the first of the names that is there and not null."""
        self._asked.update(names)
        for name in names:
            value = self._value.get(name)
            if value is not None:
                return f"{self.path}.{name}", value
        return f"{self.path}.{names[0]}", None

    def left_over(self) -> set[str]:
        """Names that were not asked for."""
        return self._value.keys() - self._asked

    def fail(self, path: str, message: str, code: str, expected: str = "", found: Any = "") -> None:
        """Note an error."""
        shown = found if isinstance(found, str) else describe(found)
        self.errors.append(FieldError(path, message, code, expected, shown[:120]))

    def text(self, *names: str) -> str:
        """A text; empty when it is missing."""
        path, value = self.get(*names)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fail(path, "This is no text.", "type", "a text", value)
            return ""
        return value

    def flag(self, *names: str) -> bool:
        """True or false; false when it is missing."""
        path, value = self.get(*names)
        if value is None:
            return False
        if not isinstance(value, bool):
            self.fail(path, "This is not true or false.", "type", "true or false", value)
            return False
        return value

    def whole(self, *names: str, least: int = 1, most: int = _MAX_INTEGER) -> int:
        """A whole number that must be there; the least one after an error."""
        path, value = self.get(*names)
        number = _number(value)
        if number is None or number != int(number) or not least <= number <= most:
            expected = f"a whole number from {least} to {most}"
            self._measure(path, value, expected)
            return least
        return int(number)

    def size(self, *names: str) -> int:
        """A number of bytes that must be there."""
        return self.whole(*names, least=0, most=_MAX_SIZE)

    def positive(self, *names: str, most: float) -> float:
        """A number above 0 that must be there; the most after an error."""
        path, value = self.get(*names)
        number = _number(value)
        if number is None or not 0 < number <= most:
            self._measure(path, value, f"a number above 0, up to {most:g}")
            return most
        return float(number)

    def _measure(self, path: str, value: Any, expected: str) -> None:
        if value is None:
            self.fail(path, "This measure is missing.", "required", expected)
        else:
            self.fail(path, "This is no such measure.", "value", expected, value)


def _number(value: Any) -> float | int | None:
    if type(value) not in (int, float) or not is_finite(value):
        return None
    number: float | int = value
    return number
