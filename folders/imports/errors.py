"""What is wrong in a file: the first errors at hand, all of them in a file of JSON lines.

{"path": "images.3.clientMetadata.clip", "message": "…", "code": "value",
 "expected": "512 numbers", "found": "3 values", "object_urls": ["s3://…"], "entry": 3}
"""

import csv
import io
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage

from core.errors import FieldError
from folders.constants import MAX_REPORTED_ERRORS
from folders.imports.storable import storable

# Errors up to this size wait in memory, more of them in a temporary file.
_IN_MEMORY = 4 * 1024 * 1024
_CHUNK = 1024 * 1024
_COLUMNS = ("path", "message", "code", "expected", "found", "object_urls")


class ErrorLog:
    """Errors in the order in which they were found; any number of them.

    `count` is that of all, `first` holds those that people are shown.
    """

    def __init__(self) -> None:
        self.count = 0
        self.by_code: Counter[str] = Counter()
        self.first: list[dict[str, Any]] = []
        # Lives as long as the log; `close` ends it.
        self._lines: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115

    def add(
        self, error: FieldError, *, entry: int | None = None, object_urls: Sequence[str] = ()
    ) -> None:
        """Note an error.

        Args:
            error: its path says where it stands in the file.
            entry: number of the entry that cannot be imported because of it, from 0 in the order
                of reading; None when it concerns no single one.
            object_urls: of the objects that the entry names.
        """
        line: dict[str, Any] = error.as_dict()
        if object_urls:
            line["object_urls"] = list(object_urls)
        if entry is not None:
            line["entry"] = entry
        line = storable(line)
        self.count += 1
        self.by_code[error.code] += 1
        if len(self.first) < MAX_REPORTED_ERRORS:
            self.first.append(line)
        self._lines.write(json.dumps(line).encode() + b"\n")

    def extend(
        self,
        errors: Iterable[FieldError],
        *,
        entry: int | None = None,
        object_urls: Sequence[str] = (),
    ) -> None:
        """Note several errors of one entry."""
        for error in errors:
            self.add(error, entry=entry, object_urls=object_urls)

    def save(self, key: str) -> str:
        """Store all errors as a file and return its key; nothing can be added after that."""
        self._lines.seek(0)
        return default_storage.save(key, File(self._lines, name=key))

    def close(self) -> None:
        """Let go of the temporary file."""
        self._lines.close()


def stored_errors(*keys: str) -> Iterator[dict[str, Any]]:
    """The errors of stored files, one by one."""
    for key in filter(None, keys):
        with default_storage.open(key, "rb") as file:
            for line in file:
                yield json.loads(line)


def join_errors(keys: Sequence[str], key: str) -> str:
    """Make one stored file of several, which stay; return its key."""
    with tempfile.TemporaryFile() as joined:
        for part in keys:
            with default_storage.open(part, "rb") as file:
                shutil.copyfileobj(file, joined, _CHUNK)
        joined.seek(0)
        return default_storage.save(key, File(joined, name=key))


def as_json_lines(errors: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Errors for a download, one JSON object a line."""
    for error in errors:
        yield json.dumps(error, ensure_ascii=False).encode() + b"\n"


def as_csv(errors: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Errors for a download as a table; addresses are separated by spaces.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    # With this mark spreadsheets read UTF-8.
    buffer.write("\ufeff")
    writer.writerow(_COLUMNS)
    for error in errors:
        row = {**error, "object_urls": " ".join(error.get("object_urls", ()))}
        writer.writerow([_plain(str(row.get(column, ""))) for column in _COLUMNS])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
