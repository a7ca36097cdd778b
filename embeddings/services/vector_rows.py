"""The SQL behind embeddings.services.vectors: rows, change rows and the locks on units.

Only that service calls these, inside its transactions. Statements name the key as a literal, so
that only its partition is looked at.
"""
# ruff: noqa: S608 - what is put into statements is a table name of ours or an integer

from collections.abc import Iterable, Mapping
from typing import Literal
from uuid import UUID

import numpy as np
from django.db import connection

from core.errors import Conflict, InvalidInput
from embeddings.copying import read_records
from embeddings.services.partitions import partition_name
from embeddings.services.staging import (
    Stage,
    UnitIds,
    UnitStage,
    Values,
    copy_stream,
    partition_rows,
)
from embeddings.services.vector_sets import Revision, SetName
from folders.models import Folder, MetadataKey

UNITS_MOVED = "units_moved"
"""Code of a Conflict: units are not where they were when they were found."""

# Appends what a statement called `changed` returns to the history.
_APPEND = """
    INSERT INTO embeddings_vectorchange (vector_set_id, revision, unit_id, removed, at)
    SELECT {set_id}, {revision}, unit_id, {removed}, now() FROM changed
"""


def lock_units(unit_ids: list[int], strength: Literal["FOR SHARE", "FOR UPDATE"]) -> list[UUID]:
    """Lock units, in the order of their ids, against moves and deletion; returns their roots."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT root_id FROM (SELECT root_id FROM folders_unit"
            f" WHERE id = ANY (%s::bigint[]) ORDER BY id {strength}) AS locked",
            [unit_ids],
        )
        return [root_id for (root_id,) in cursor.fetchall()]


def lock_staged_units(stage: Stage, keys: Mapping[int, MetadataKey]) -> set[SetName]:
    """Lock the staged units against moves and deletion; returns the vector sets they belong to.

    Raises:
        InvalidInput: a unit is not there, or belongs to another organisation than its key.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT key_id, root_id, count(*) FROM (
                SELECT s.key_id, u.root_id FROM {stage.table} s
                JOIN folders_unit u ON u.id = s.unit_id ORDER BY u.id FOR SHARE OF u
            ) AS locked GROUP BY key_id, root_id
            """
        )
        found = cursor.fetchall()
        cursor.execute(f"SELECT count(*) FROM {stage.table}")
        (staged,) = cursor.fetchone()
    if sum(count for _, _, count in found) != staged:
        raise InvalidInput("Some of the units are not there any more.", code="unknown_unit")
    owners = dict(
        Folder.objects.filter(pk__in={root_id for _, root_id, _ in found}).values_list(
            "pk", "organisation_id"
        )
    )
    for key_id, root_id, _ in found:
        if owners[root_id] != keys[key_id].organisation_id:
            raise InvalidInput("Some of the units are not there any more.", code="unknown_unit")
    return {(root_id, key_id) for key_id, root_id, _ in found}


def lock_units_of_root(stage: UnitStage, root_id: UUID) -> None:
    """Lock the staged units against moves and deletion.

    Raises:
        Conflict: not all of them are there, and of that root.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FILTER (WHERE root_id = %s) FROM (
                SELECT u.root_id FROM {stage.table} s
                JOIN folders_unit u ON u.id = s.unit_id ORDER BY u.id FOR SHARE OF u
            ) AS locked
            """,
            [root_id],
        )
        (there,) = cursor.fetchone()
        cursor.execute(f"SELECT count(*) FROM {stage.table}")
        (staged,) = cursor.fetchone()
    if there != staged:
        raise Conflict(
            "Some of the items were deleted, or are being moved to another folder. Try again in a "
            "moment.",
            code=UNITS_MOVED,
        )


def staged_with_vector(stage: UnitStage, key_id: int) -> UnitIds:
    """Ids of the staged units that have a vector of the key, ascending."""
    statement = (
        f"SELECT unit_id FROM embeddings_vector WHERE key_id = {int(key_id)}"
        f" AND unit_id IN (SELECT unit_id FROM {stage.table})"
    )
    return np.sort(read_records(statement, [], [("unit", "i8")])["unit"].astype(np.int64))


def make_room(stage: UnitStage, key_id: int) -> int:
    """Delete the vectors that the staged units have, without change rows: others take their place.

    Returns how many there were.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM embeddings_vector WHERE key_id = {int(key_id)}"
            f" AND unit_id IN (SELECT unit_id FROM {stage.table})"
        )
        return int(cursor.rowcount)


def append(key_id: int, root_id: UUID, unit_ids: UnitIds, values: Values) -> None:
    """COPY vectors into the key's partition, for units that have none."""
    rows = partition_rows(key_id=key_id, root_id=root_id, unit_ids=unit_ids, values=values)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY {partition_name(key_id)} (key_id, unit_id, root_id, norm, value)"
            " FROM STDIN (FORMAT BINARY)"
        ) as copy,
    ):
        for chunk in copy_stream(rows):
            copy.write(chunk)


def note_writes(stage: UnitStage, revision: Revision) -> None:
    """Append change rows of the staged units' vectors to one set's history."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO embeddings_vectorchange (vector_set_id, revision, unit_id, removed, at)"
            f" SELECT %s, %s, unit_id, false, now() FROM {stage.table}",
            [revision.set_id, revision.number],
        )


def take_over(stage: Stage) -> int:
    """Write the staged vectors, over present ones, with their change rows; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO embeddings_vector (key_id, unit_id, root_id, norm, value)
            SELECT s.key_id, s.unit_id, u.root_id, s.norm, s.value
            FROM {stage.table} s JOIN folders_unit u ON u.id = s.unit_id
            ON CONFLICT (key_id, unit_id) DO UPDATE
                SET root_id = excluded.root_id, norm = excluded.norm, value = excluded.value
            """
        )
        written = int(cursor.rowcount)
        cursor.execute(
            f"""
            INSERT INTO embeddings_vectorchange (vector_set_id, revision, unit_id, removed, at)
            SELECT sets.id, sets.revision, s.unit_id, false, now()
            FROM {stage.table} s JOIN folders_unit u ON u.id = s.unit_id
            JOIN embeddings_vectorset sets
                ON sets.root_id = u.root_id AND sets.key_id = s.key_id
            """
        )
    return written


def remove(unit_ids: list[int], *, root_id: UUID, key_id: int, revision: Revision) -> int:
    """Delete the units' vectors from one set, with change rows; returns how many."""
    append = _APPEND.format(set_id="%s", revision="%s", removed="true")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH changed AS (
                DELETE FROM embeddings_vector WHERE key_id = {int(key_id)}
                AND unit_id = ANY (%s::bigint[]) AND root_id = %s RETURNING unit_id
            ) {append}
            """,
            [unit_ids, root_id, revision.set_id, revision.number],
        )
        return int(cursor.rowcount)


def move(
    unit_ids: list[int], *, key_id: int, target_root: UUID, gone: Revision, come: Revision
) -> int:
    """Give the units' vectors another root, with change rows in both sets; returns how many."""
    append_gone = _APPEND.format(set_id="%s", revision="%s", removed="true")
    append_come = _APPEND.format(set_id="%s", revision="%s", removed="false")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH changed AS (
                UPDATE embeddings_vector SET root_id = %s WHERE key_id = {int(key_id)}
                AND unit_id = ANY (%s::bigint[]) AND root_id <> %s RETURNING unit_id
            ), gone AS ({append_gone}) {append_come}
            """,
            [
                *(target_root, unit_ids, target_root),
                *(gone.set_id, gone.number, come.set_id, come.number),
            ],
        )
        return int(cursor.rowcount)


def roots_of_vectors(unit_ids: list[int], key_id: int) -> list[UUID]:
    """The roots in which the units have vectors of the key."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT root_id FROM embeddings_vector WHERE key_id = {int(key_id)}"
            " AND unit_id = ANY (%s::bigint[])",
            [unit_ids],
        )
        return [root_id for (root_id,) in cursor.fetchall()]


def keys_of_roots(root_ids: Iterable[UUID]) -> list[int]:
    """Keys of which the roots have, or had, vectors."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT key_id FROM embeddings_vectorset WHERE root_id = ANY (%s::uuid[])",
            [list(root_ids)],
        )
        return sorted(key_id for (key_id,) in cursor.fetchall())
