"""Which records name objects that the folder holds already."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import md5
from uuid import UUID

from django.db import connection

from folders.models import Folder, Item
from folders.services.imports import ItemRecord

# By the index on folder and md5 of the address; the addresses themselves may be longer than an
# index entry can be.
_BY_ADDRESS = """
SELECT id, object_url, parent_id, position FROM folders_item
 WHERE folder_id = %s AND object_url <> '' AND md5(object_url) = ANY (%s)
 ORDER BY created_at, id
"""


def find_existing(folder: Folder, records: Sequence[ItemRecord]) -> dict[int, UUID]:
    """Items of the folder that hold the same objects, by the records' places.

    An image or video is there when an item that is no part of another has its address; a group or
    sequence, when one of the same kind has the same addresses in the same order.
    """
    heads = {place: urls[0] for place, record in enumerate(records) if (urls := record.object_urls)}
    singles, wholes = _by_address(folder, set(heads.values()))
    candidates = {whole for url in wholes for whole in wholes[url]}
    contents = _contents(candidates)
    found: dict[int, UUID] = {}
    for place, url in heads.items():
        record = records[place]
        if not record.parts:
            same = singles.get(url)
        else:
            wanted = (str(record.kind), tuple(record.object_urls))
            same = next((w for w in wholes.get(url, ()) if contents.get(w) == wanted), None)
        if same is not None:
            found[place] = same
    return found


def address_key(record: ItemRecord) -> bytes:
    """What two records that name the same objects have in common; 16 bytes."""
    what = [str(record.kind) if record.parts else "", *record.object_urls]
    return md5("\n".join(what).encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()


def _by_address(
    folder: Folder, urls: Iterable[str]
) -> tuple[dict[str, UUID], dict[str, list[UUID]]]:
    """Items with the addresses, the earliest of each; and wholes whose first part has them."""
    wanted = set(urls)
    digests = [
        md5(url.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
        for url in wanted
    ]
    singles: dict[str, UUID] = {}
    wholes: dict[str, list[UUID]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_BY_ADDRESS, [folder.pk, digests])
        for item_id, url, parent_id, position in cursor.fetchall():
            if url not in wanted:
                continue
            if parent_id is None:
                singles.setdefault(url, item_id)
            elif position == 0:
                wholes[url].append(parent_id)
    return singles, wholes


def _contents(wholes: set[UUID]) -> dict[UUID, tuple[str, tuple[str, ...]]]:
    """Kind and addresses of groups and sequences."""
    if not wholes:
        return {}
    kinds = dict(Item.objects.filter(pk__in=wholes).values_list("pk", "kind"))
    urls: dict[UUID, list[str]] = defaultdict(list)
    parts = Item.objects.filter(parent__in=wholes).order_by("parent", "position")
    for whole, url in parts.values_list("parent", "object_url"):
        if whole is not None:
            urls[whole].append(url)
    return {whole: (kind, tuple(urls[whole])) for whole, kind in kinds.items()}
