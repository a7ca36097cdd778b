"""Takes one member's object out of a large JSON object, in memory for one element of its lists."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import IO, Any

from folders.imports.json_stream import JsonReader


@dataclass(slots=True)
class Taken:
    """What was found.

    Attributes:
        names: the members whose objects were taken out.
        rest: all other members, parsed.
        lists: how many elements each list of the object taken out has.
        values: its other members, parsed.
    """

    names: list[str] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


def take_object(file: IO[bytes], names: Collection[str], target: IO[bytes]) -> Taken:
    """Copy the object of the first member that has one of the names, as it stands.

    Args:
        file: is read to its end.
        names: of members; a value that is no object is among the rest.
        target: gets the object.

    Raises:
        InvalidInput: the file is no JSON object in UTF-8; the message says where it breaks.
    """
    return _Copier(file, target).take(names)


class _Copier(JsonReader):
    def __init__(self, file: IO[bytes], target: IO[bytes]) -> None:
        super().__init__(file)
        self._target = target
        self._taken = Taken()

    def take(self, names: Collection[str]) -> Taken:
        self._skip_mark()
        self._expect(b"{", "This is no JSON object.")
        if self._next() == b"}":
            self._at += 1
        else:
            self._take_members(names)
        if self._next():
            raise self._broken("Something follows the end of the object.")
        return self._taken

    def _take_members(self, names: Collection[str]) -> None:
        taken = self._taken
        while True:
            key = self._name()
            if key in names and not taken.names and self._next() == b"{":
                taken.names.append(key)
                self._copy_object()
            else:
                value = self._parse(self._value())
                if key in names and value is not None:
                    taken.names.append(key)
                taken.rest[key] = value
            if not self._goes_on(b"}"):
                return

    def _copy_object(self) -> None:
        self._at += 1
        self._target.write(b"{")
        if self._next() == b"}":
            self._at += 1
        else:
            self._copy_members()
        self._target.write(b"}")

    def _copy_members(self) -> None:
        while True:
            key = self._name()
            self._target.write(json.dumps(key).encode() + b":")
            if self._next() == b"[":
                self._taken.lists[key] = self._copy_list()
            else:
                raw = self._value()
                self._taken.values[key] = self._parse(raw)
                self._target.write(raw)
            if not self._goes_on(b"}"):
                return
            self._target.write(b",")

    def _copy_list(self) -> int:
        self._at += 1
        self._target.write(b"[")
        count = 0
        if self._next() == b"]":
            self._at += 1
        else:
            while True:
                self._target.write(self._value())
                count += 1
                if not self._goes_on(b"]"):
                    break
                self._target.write(b",")
        self._target.write(b"]")
        return count
