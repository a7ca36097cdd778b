"""Bulk updates of JSON columns: one statement for many rows, without one CASE branch for each."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

_ITEMS = """
UPDATE folders_item AS item
   SET client_metadata = given.value::jsonb, updated_at = now()
  FROM unnest(%s::uuid[], %s::text[]) AS given (id, value)
 WHERE item.id = given.id
"""
_UNITS = """
UPDATE folders_unit AS unit
   SET metadata = given.value::jsonb
  FROM unnest(%s::bigint[], %s::text[]) AS given (id, value)
 WHERE unit.id = given.id
"""


def write_item_metadata(rows: Iterable[tuple[UUID, dict[str, Any]]]) -> None:
    """Replace the stored metadata of items."""
    _write(_ITEMS, list(rows))


def write_unit_metadata(rows: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Replace the metadata of units."""
    _write(_UNITS, list(rows))


def _write(statement: str, rows: list[tuple[Any, dict[str, Any]]]) -> None:
    if rows:
        ids = [row_id for row_id, _ in rows]
        with connection.cursor() as cursor:
            cursor.execute(statement, [ids, [json.dumps(value) for _, value in rows]])
