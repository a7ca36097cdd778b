"""A registration as a table: one line for each object.

    objectUrl,title,kind,metadata.label,metadata.clip
    https://…/owl.jpg,Owl,image,owl,"[0.1, 0.2]"

Columns: `objectUrl`, `title`, `kind` (image, video, image_group, image_sequence), `clientMetadata`
(one JSON object) or `metadata.<key>`, `group` and `position` for images of a group or sequence
(their lines follow each other; metadata stands in the first), and the measures `mimeType`,
`fileSize`, `width`, `height`, `fps`, `duration`.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO, Any

from core.errors import InvalidInput
from folders.choices import KeyType
from folders.imports.registration.raw import RawEntry
from folders.metadata.values import SchemaKey

METADATA_PREFIX = "metadata."
_COLUMNS = {
    "objecturl": "objectUrl",
    "object_url": "objectUrl",
    "url": "objectUrl",
    "title": "title",
    "name": "title",
    "kind": "kind",
    "type": "kind",
    "clientmetadata": "clientMetadata",
    "client_metadata": "clientMetadata",
    "metadata": "clientMetadata",
    "group": "group",
    "position": "position",
    "mimetype": "mimeType",
    "mime_type": "mimeType",
    "filesize": "fileSize",
    "file_size": "fileSize",
    "width": "width",
    "height": "height",
    "fps": "fps",
    "duration": "duration",
}
_MEASURES = ("mimeType", "fileSize", "width", "height", "fps", "duration")
_LISTS = {
    "": "images",
    "image": "images",
    "video": "videos",
    "image_group": "image_groups",
    "image_sequence": "image_groups",
}
# A cell may hold a vector of 4,096 dimensions, and an object of several.
_MAX_CELL = 10 * 1024 * 1024
_SNIFFED = 64 * 1024

Row = dict[str, str]


@dataclass(slots=True)
class CsvRegistration:
    """A registration as a table in UTF-8; `flags` stay empty.

    Attributes:
        file: the table.
        schema: live keys by name, which say how cells are read.
    """

    file: IO[bytes]
    schema: Mapping[str, SchemaKey]
    flags: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[RawEntry]:
        """The entries, in their order.

        Raises:
            InvalidInput: it is no such table.
        """
        lines = groupby(enumerate(self._rows()), key=_group_of)
        for number, ((group, _), members) in enumerate(lines):
            rows = [row for _, row in members]
            line, first = rows[0]
            size = sum(len(cell) for _, row in rows for cell in row.values())
            list_name = self._list_name(first, group)
            value = self._whole(rows) if group else self._single(first, list_name)
            yield RawEntry(number, f"line {line}", list_name, value, size)

    def _rows(self) -> Iterator[tuple[int, Row]]:
        """The number of each line and its cells by column."""
        text = io.TextIOWrapper(self.file, encoding="utf-8-sig", newline="")
        try:
            sample = text.read(_SNIFFED)
            text.seek(0)
            csv.field_size_limit(_MAX_CELL)
            reader = csv.reader(text, delimiter=_delimiter(sample), strict=True)
            columns = _columns(next(reader, []))
            begin = reader.line_num + 1
            for cells in reader:
                if any(cells):
                    yield begin, _row(columns, cells, begin)
                begin = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise InvalidInput("The file is no text in UTF-8.", code="not_csv") from error
        except csv.Error as error:
            message = f"The file is no valid CSV near line {begin}: {error}."
            raise InvalidInput(message, code="not_csv") from error
        finally:
            # Whoever opened the file closes it.
            text.detach()

    def _list_name(self, row: Row, group: str) -> str:
        kind = row.get("kind", "").strip().lower().replace(" ", "_")
        if group and kind in ("", "image"):
            return "image_groups"
        return _LISTS.get(kind, kind)

    def _single(self, row: Row, list_name: str) -> dict[str, Any]:
        value: dict[str, Any] = {
            name: row[name] for name in ("objectUrl", "title") if row.get(name)
        }
        metadata = self._metadata(row)
        if metadata:
            value["clientMetadata"] = metadata
        measures = {name: _measure(row[name]) for name in _MEASURES if row.get(name)}
        if measures:
            value["videoMetadata" if list_name == "videos" else "imageMetadata"] = measures
        return value

    def _whole(self, rows: list[tuple[int, Row]]) -> dict[str, Any]:
        """A group as the JSON form has it, its images in the order of their positions."""
        _, first = rows[0]
        ordered = [row for _, row in rows]
        if all(row.get("position", "").strip().isdigit() for row in ordered):
            ordered.sort(key=lambda row: int(row["position"]))
        value: dict[str, Any] = {
            "title": first["group"],
            "createVideo": first.get("kind", "").strip().lower().endswith("sequence"),
            "images": [_part(self._single(row, "images")) for row in ordered],
        }
        metadata = self._metadata(first)
        return {**value, "clientMetadata": metadata} if metadata else value

    def _metadata(self, row: Row) -> Any:
        """The object of one line; text that is none is left for the check to name."""
        given: Any = {}
        if row.get("clientMetadata"):
            given = _json(row["clientMetadata"])
            if not isinstance(given, dict):
                return given
        cells = {
            name.removeprefix(METADATA_PREFIX): cell
            for name, cell in row.items()
            if name.startswith(METADATA_PREFIX) and cell
        }
        typed = {name: _typed(self.schema.get(name), cell) for name, cell in cells.items()}
        return {**given, **typed}


def _delimiter(sample: str) -> str:
    """What separates the columns of the first line: the commonest of , ; tab and |."""
    head = sample.partition("\n")[0]
    return max(",;\t|", key=head.count)


def _columns(head: list[str]) -> list[str]:
    columns = []
    for cell in head:
        name = cell.strip()
        if name.lower().startswith(METADATA_PREFIX):
            columns.append(METADATA_PREFIX + name[len(METADATA_PREFIX) :])
        else:
            columns.append(_COLUMNS.get(name.lower(), ""))
    if "objectUrl" not in columns:
        message = "The first line names the columns; “objectUrl” is not among them."
        raise InvalidInput(message, code="not_csv")
    repeated = {name for name in columns if name and columns.count(name) > 1}
    if repeated:
        message = f"The column “{min(repeated)}” stands there twice."
        raise InvalidInput(message, code="not_csv")
    return columns


def _row(columns: list[str], cells: list[str], line: int) -> Row:
    if len(cells) > len(columns) and any(cells[len(columns) :]):
        message = f"Line {line} has {len(cells)} cells, but there are {len(columns)} columns."
        raise InvalidInput(message, code="not_csv")
    return {name: cell for name, cell in zip(columns, cells, strict=False) if name}


def _group_of(numbered: tuple[int, tuple[int, Row]]) -> tuple[str, int]:
    """Lines of one group follow each other; every other line stands alone."""
    number, (_, row) = numbered
    group = row.get("group", "").strip()
    return (group, 0) if group else ("", number)


def _part(single: dict[str, Any]) -> dict[str, Any]:
    single.pop("clientMetadata", None)
    return single


def _measure(cell: str) -> Any:
    value = _json(cell)
    return value if type(value) in (int, float) else cell


def _typed(key: SchemaKey | None, cell: str) -> Any:
    """A cell as the key's type has it; as text where it is none, which the check then refuses."""
    if key is None:
        return cell
    if key.type == KeyType.BOOLEAN and cell.strip().lower() in ("true", "false"):
        return cell.strip().lower() == "true"
    if key.type in (KeyType.NUMBER, KeyType.EMBEDDING, KeyType.GEOSPATIAL):
        return _json(cell)
    return cell


def _json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell
