"""What pages show of an import: samples as a table, errors in groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_COLUMNS = {
    "path": "Place",
    "item": "Item",
    "row": "Row",
    "id": "Id",
    "kind": "Kind",
    "name": "Name",
    "object_url": "Address",
    "frame": "Frame",
    "parts": "Parts",
    "frames": "Frames",
    "metadata": "Metadata",
    "vectors": "Vectors",
    "values": "Vector",
}
_OPTIONS = {
    "key": "Embedding key",
    "metric": "Metric",
    "id_kind": "Ids are",
    "vectors_column": "Vectors in",
    "id_column": "Ids in",
    "frame_column": "Frame numbers in",
}
_SHOWN_ERRORS = 50
_SHOWN_VALUES = 4


@dataclass(frozen=True, slots=True)
class PreviewTable:
    """Entries as people read them; columns that hold nothing are left out."""

    columns: list[str]
    rows: list[list[str]]


@dataclass(slots=True)
class ErrorGroup:
    """Errors of one sort: the first ones, and how many there are among those at hand."""

    message: str
    code: str
    count: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def expects(self) -> bool:
        """Whether the errors say what was expected; a column without words is left out."""
        return any(error.get("expected") for error in self.errors)


def preview(
    entries: Sequence[Mapping[str, Any]], names: Mapping[str, str] | None = None
) -> PreviewTable:
    """The entries of a sample as a table; `names` are those of items, by their ids."""
    entries = [
        {
            **entry,
            "kind": str(entry.get("kind", "")).replace("_", " "),
            "item": (names or {}).get(entry.get("item") or "", entry.get("item")),
        }
        for entry in entries
    ]
    shown = [name for name in _COLUMNS if any(_says(entry.get(name)) for entry in entries)]
    return PreviewTable(
        columns=[_COLUMNS[name] for name in shown],
        rows=[[_text(entry.get(name)) for name in shown] for entry in entries],
    )


def group_errors(errors: Iterable[Mapping[str, Any]]) -> list[ErrorGroup]:
    """Errors of the same code and expectation together, the most frequent first."""
    groups: dict[tuple[str, str], ErrorGroup] = {}
    for error in errors:
        code, message = str(error.get("code", "")), str(error.get("message", ""))
        group = groups.setdefault((code, str(error.get("expected", ""))), ErrorGroup(message, code))
        group.count += 1
        if len(group.errors) < _SHOWN_ERRORS:
            group.errors.append(dict(error))
    return sorted(groups.values(), key=lambda group: -group.count)


def describe_options(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was chosen beside the file, in words."""
    said = [(_OPTIONS[name], str(options[name])) for name in _OPTIONS if options.get(name)]
    if options.get("skip_duplicate_urls"):
        said.append(("Addresses that are there", "skipped"))
    if options.get("upsert_metadata"):
        said.append(("Metadata of items that are there", "updated"))
    if options.get("upsert") is False:
        said.append(("Vectors that are there", "kept; the row is an error"))
    return said


def _text(value: Any) -> str:
    """A value of a sample in one line; empty when it says nothing."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} ({inner})" for name, inner in value.items())
    if isinstance(value, list):
        more = " …" if len(value) > _SHOWN_VALUES else ""
        return ", ".join(_number(one) for one in value[:_SHOWN_VALUES]) + more
    return "" if value is None else str(value)


def _says(value: Any) -> bool:
    """Whether a column is worth its place for this value: rows and frames count from 0."""
    return value not in (None, "", [], {}) and (value != 0 or isinstance(value, bool))


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
