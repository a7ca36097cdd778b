"""The one way in for metadata and vectors, whatever brought them: page, REST, SDK, commands.

A batch is checked as a whole before anything is written: an InvalidInput names every wrong value by
its place in the input. Then items, units, metadata and vectors are written in one transaction.
"""

from folders.services.imports._document import (
    Row,
    import_document,
    parse_document,
    resolve_rows,
)
from folders.services.imports._examine import Entry, Examiner
from folders.services.imports._items import import_items, is_waiting, live_keys, write_entries
from folders.services.imports._records import ItemRecord, Measures, UploadedFile
from folders.services.imports._report import ImportReport
from folders.services.imports._update import ChangeExaminer, MetadataChange, update_metadata

__all__ = [
    "ChangeExaminer",
    "Entry",
    "Examiner",
    "ImportReport",
    "ItemRecord",
    "Measures",
    "MetadataChange",
    "Row",
    "UploadedFile",
    "import_document",
    "import_items",
    "is_waiting",
    "live_keys",
    "parse_document",
    "resolve_rows",
    "update_metadata",
    "write_entries",
]
