"""Which items an import has made: their ids follow from its own, or lie in a file beside it.

The file holds 16 bytes for each entry, in their order, and is there when entries give ids.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from folders.imports.registration.records import derived_id
from folders.models import Import

# Of an entry that becomes no item.
NOTHING = UUID(int=0)
# Ids that one look-up names. They go as one array: a statement with so many parameters is slower
# to write than to carry out.
_LOOK_UP = 5_000
_BY_ID = """
SELECT id, name, state, failure FROM folders_item WHERE id = ANY (%s) AND created_at >= %s
"""


class ImportedItem(NamedTuple):
    """An item that an import has made, as far as is told of half a million of them."""

    pk: UUID
    name: str
    state: str
    failure: str


def save_item_ids(row: Import, ids: Sequence[bytes]) -> str:
    """Store the ids that the entries' items get, in place of an earlier file; return its key."""
    key = f"imports/{row.pk.hex[:2]}/{row.pk.hex}/items"
    # What a check left that was killed.
    if default_storage.exists(key):
        default_storage.delete(key)
    return default_storage.save(key, ContentFile(b"".join(ids)))


def imported_items(row: Import) -> Iterator[ImportedItem]:
    """The items of a registration that are there, in the order of its entries.

    Parts of groups and sequences are not among them, nor what was there before.
    """
    ids = _ids(row)
    while batch := list(islice(ids, _LOOK_UP)):
        with connection.cursor() as cursor:
            # Ids that a file gives can be those of items of somebody else, if they were refused.
            cursor.execute(_BY_ID, [batch, row.created_at])
            found = {values[0]: ImportedItem(*values) for values in cursor.fetchall()}
        yield from (found[item_id] for item_id in batch if item_id in found)


def _ids(row: Import) -> Iterator[UUID]:
    if not row.items_key:
        entries = row.report.get("details", {}).get("entries", 0)
        yield from (derived_id(row.pk, number) for number in range(entries))
        return
    with default_storage.open(row.items_key, "rb") as file:
        while part := file.read(16):
            yield UUID(bytes=part)
