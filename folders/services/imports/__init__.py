"""The one way in for metadata and vectors, whatever brought them: page, REST, SDK, commands.

A batch is checked as a whole before anything is written: an InvalidInput names every wrong value by
its place in the input. Then items, units, metadata and vectors are written in one transaction.
"""

from folders.services.imports._document import import_document, parse_document
from folders.services.imports._items import ItemRecord, import_items
from folders.services.imports._report import ImportReport
from folders.services.imports._update import MetadataChange, update_metadata

__all__ = [
    "ImportReport",
    "ItemRecord",
    "MetadataChange",
    "import_document",
    "import_items",
    "parse_document",
    "update_metadata",
]
