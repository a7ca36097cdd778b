"""What both forms of a registration give: entries as they stand in the file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import IO, Any

from folders.choices import ItemKind
from folders.imports.json_stream import read_entries

# Lists of the format, as the console of the reference product and its SDK write them.
LISTS: dict[str, ItemKind | None] = {
    "images": ItemKind.IMAGE,
    "videos": ItemKind.VIDEO,
    "image_groups": ItemKind.IMAGE_GROUP,
    "imageGroups": ItemKind.IMAGE_GROUP,
    # Groups of images that are in the folder already.
    "image_groups_from_items": None,
    "imageGroupsFromItems": None,
}
FLAGS = {
    "skip_duplicate_urls": "skip_duplicate_urls",
    "skipDuplicateUrls": "skip_duplicate_urls",
    "upsert_metadata": "upsert_metadata",
    "upsertMetadata": "upsert_metadata",
}


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry of the file, unchecked.

    Attributes:
        number: of the entry, from 0 in the order of reading.
        path: where it stands: `images.3`, or `line 5`.
        list_name: the list it stands in; one of LISTS, if it is supported.
        value: the entry.
        size: bytes of text that it takes.
        place: in its list; None for a value that should be a list.
    """

    number: int
    path: str
    list_name: str
    value: Any
    size: int
    place: int | None = 0


@dataclass(slots=True)
class JsonRegistration:
    """A registration in JSON; `flags` are known once all entries are read."""

    file: IO[bytes]
    flags: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[RawEntry]:
        numbers = count()
        for entry in read_entries(self.file):
            if entry.key in FLAGS:
                self.flags[FLAGS[entry.key]] = entry.value
            elif entry.place is not None or entry.value is not None:
                number = next(numbers)
                yield RawEntry(number, entry.path, entry.key, entry.value, entry.size, entry.place)
