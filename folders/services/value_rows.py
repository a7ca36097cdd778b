"""The SQL behind folders.services.value_index: batches of rows of the index of typed values.

Only that service calls these. A batch locks the units that it reads against changes: else a value
that is taken away meanwhile would be entered after its removal.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from folders.constants import MAX_VARCHAR_LENGTH
from folders.filters.indexed import INDEXED_TYPES
from folders.models import MetadataKey

_ROWS_PER_BATCH = 20_000
# A quarter of PostgreSQL's deadlock_timeout.
_LOCK_TIMEOUT = "250ms"

_END_OF_BATCH = """
SELECT max(id), count(*) FROM (
    SELECT id FROM folders_unit WHERE root_id = %s AND id > %s ORDER BY id LIMIT %s
) AS batch
"""

_ENTER = """
WITH batch AS MATERIALIZED (
    SELECT id, root_id, metadata FROM folders_unit
    WHERE root_id = %(root)s AND id > %(after)s AND id <= %(end)s AND metadata ?| %(names)s
    ORDER BY id FOR SHARE
)
INSERT INTO folders_indexedvalue AS v (unit_id, key_id, root_id, number, moment, word)
SELECT u.id, k.id, u.root_id, t.number, t.moment, t.word
FROM batch u
JOIN folders_metadatakey k ON k.id = ANY (%(keys)s)
CROSS JOIN LATERAL folders_typed_value(k.type, u.metadata -> k.name) t
WHERE jsonb_typeof(u.metadata -> k.name) <> 'null'
ON CONFLICT (unit_id, key_id) DO UPDATE
    SET root_id = excluded.root_id, number = excluded.number, moment = excluded.moment,
        word = excluded.word
    WHERE (v.root_id, v.number, v.moment, v.word)
        IS DISTINCT FROM (excluded.root_id, excluded.number, excluded.moment, excluded.word)
"""

# Of the types that are not in the index; what folders.metadata.values takes, in SQL.
_COUNT_MISFITS = f"""
SELECT k.id, count(*)
FROM folders_unit u
JOIN folders_metadatakey k ON k.id = ANY (%(keys)s)
CROSS JOIN LATERAL (SELECT u.metadata -> k.name AS value, u.metadata ->> k.name AS text) v
WHERE u.root_id = %(root)s AND u.id > %(after)s AND u.id <= %(end)s
    AND u.metadata ?| %(names)s AND jsonb_typeof(v.value) <> 'null'
    AND CASE k.type
        WHEN 'geospatial' THEN jsonb_typeof(v.value) <> 'object'
        WHEN 'uuid' THEN jsonb_typeof(v.value) <> 'string'
            OR lower(v.text) !~ '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$'
        WHEN 'varchar' THEN jsonb_typeof(v.value) <> 'string'
            OR length(v.text) > {MAX_VARCHAR_LENGTH}
        ELSE jsonb_typeof(v.value) <> 'string'
    END
GROUP BY k.id
"""  # noqa: S608 - a number of ours


@dataclass(frozen=True, slots=True)
class End:
    """Where a batch of units ends, and how many it has."""

    unit_id: int
    units: int


def end_of_batch(root: UUID, after: int, limit: int) -> End | None:
    """The end of the batch of units behind a unit of a root; None when there are no more."""
    with connection.cursor() as cursor:
        cursor.execute(_END_OF_BATCH, [root, after, limit])
        unit_id, units = cursor.fetchone()
    return End(unit_id, units) if units else None


def lock_keys(keys: list[MetadataKey]) -> list[MetadataKey]:
    """Those of the keys that did not change, locked against changes; waits only briefly."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    locked = MetadataKey.objects.filter(pk__in=[key.pk for key in keys]).order_by("pk")
    now = dict(locked.select_for_update(no_key=True).values_list("pk", "index_revision"))
    return [key for key in keys if now.get(key.pk) == key.index_revision]


def enter(keys: list[MetadataKey], root: UUID, after: int, end: int) -> Counter[int]:
    """Enter the values of units behind `after` up to `end`, and count misfits of other types."""
    indexed = [key for key in keys if key.type in INDEXED_TYPES]
    others = [key for key in keys if key.type not in INDEXED_TYPES]
    bounds: dict[str, Any] = {
        "root": root,
        "after": after,
        "end": end,
    }
    with connection.cursor() as cursor:
        if indexed:
            cursor.execute(_ENTER, bounds | _of(indexed))
        if not others:
            return Counter()
        cursor.execute(_COUNT_MISFITS, bounds | _of(others))
        return Counter(dict(cursor.fetchall()))


def remove(key_id: int) -> int:
    """Remove one batch of a key's rows; returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM folders_indexedvalue WHERE (unit_id, key_id) IN (SELECT unit_id, key_id"
            " FROM folders_indexedvalue WHERE key_id = %s LIMIT %s)",
            [key_id, _ROWS_PER_BATCH],
        )
        return int(cursor.rowcount)


def _of(keys: list[MetadataKey]) -> dict[str, Any]:
    return {"keys": [key.pk for key in keys], "names": [key.name for key in keys]}
