"""Reads vector sets from PostgreSQL for matrix files."""
# ruff: noqa: S608 - what is put into statements is a number or an identifier of ours

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from embeddings.copying import elements, read_records, read_row

# Values that one answer holds: some megabytes on the wire, as much again in numpy.
_PAGE_BYTES = 4 * 1024 * 1024

# When the last change up to a revision was made, in microseconds; `s` is the set.
STAMP = """
    coalesce((
        SELECT (extract(epoch FROM c.at) * 1000000)::bigint FROM embeddings_vectorchange c
        WHERE c.vector_set_id = s.id AND c.revision <= {revision}
        ORDER BY c.revision DESC LIMIT 1
    ), 0)
"""


@dataclass(frozen=True, slots=True)
class SetState:
    """A vector set as it is now.

    Attributes:
        history_from: the changes after this revision are known, those before not all.
    """

    set_id: int
    revision: int
    stamp: str
    history_from: int


@dataclass(frozen=True, slots=True)
class Vectors:
    """Some vectors in the order of unit ids: shapes (n,), (n,) and (n, dimensions)."""

    unit_ids: NDArray[np.int64]
    norms: NDArray[np.float64]
    values: NDArray[np.float32]


def read_state(*, root_id: UUID, key_id: int) -> SetState | None:
    """The set's state; None when there never was a vector."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.id, s.revision, {STAMP.format(revision='s.revision')}, s.history_from"
            " FROM embeddings_vectorset s WHERE s.root_id = %s AND s.key_id = %s",
            [root_id, key_id],
        )
        row = cursor.fetchone()
    return SetState(row[0], row[1], str(row[2]), row[3]) if row else None


def stamp_at(set_id: int, revision: int) -> str:
    """When the last change of a set up to a revision was made."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {STAMP.format(revision=int(revision))} FROM (SELECT %s AS id) AS s", [set_id]
        )
        return str(cursor.fetchone()[0])


def stream_set(*, root_id: UUID, key_id: int, dimensions: int) -> Iterator[Vectors]:
    """All vectors of a set in the order of unit ids, some megabytes at a time.

    Each page is a statement of its own, so that no transaction stays open for long. What changes
    in between may be seen or not: whoever has read the revision before finds it in the changes.
    """
    condition = f"key_id = {int(key_id)} AND root_id = '{root_id}'"
    after = -1
    while True:
        page = _read_page(f"{condition} AND unit_id > {after}", dimensions)
        if page is None:
            return
        yield page
        after = int(page.unit_ids[-1])


def stream_units(
    *, root_id: UUID, key_id: int, dimensions: int, unit_ids: NDArray[np.int64]
) -> Iterator[Vectors]:
    """Vectors of those of the units that have one in the set, in the order of unit ids."""
    condition = f"key_id = {int(key_id)} AND root_id = '{root_id}'"
    count = _rows_per_page(dimensions)
    ordered = np.unique(unit_ids)
    for start in range(0, len(ordered), count):
        some = ",".join(map(str, ordered[start : start + count].tolist()))
        page = _read_page(f"{condition} AND unit_id = ANY ('{{{some}}}'::bigint[])", dimensions)
        if page is not None:
            yield page


def changed_units(set_id: int, *, after: int, up_to: int) -> NDArray[np.int64]:
    """Ids of units whose vectors were written or removed at these revisions, ascending."""
    statement = (
        f"SELECT DISTINCT unit_id FROM embeddings_vectorchange WHERE vector_set_id = {int(set_id)}"
        f" AND revision > {int(after)} AND revision <= {int(up_to)}"
    )
    return np.sort(read_records(statement, [], [("unit", "i8")])["unit"])


def count_changes(set_id: int, *, after: int) -> int:
    """How many units' vectors were written or removed after a revision."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT unit_id) FROM embeddings_vectorchange"
            " WHERE vector_set_id = %s AND revision > %s",
            [set_id, after],
        )
        return int(cursor.fetchone()[0])


def count_vectors(*, root_id: UUID, key_id: int) -> int:
    """How many vectors the set holds, from an index alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM embeddings_vector WHERE key_id = {int(key_id)} AND root_id = %s",
            [root_id],
        )
        return int(cursor.fetchone()[0])


def vectors_on_the_wire(data: bytes, dimensions: int) -> NDArray[np.float32]:
    """Vectors as pgvector sends them, one behind the other: shape (n, dimensions)."""
    # The number of dimensions and an unused number come before the values of each.
    layout = np.dtype([("head", "V4"), ("values", ">f4", (dimensions,))])
    return np.frombuffer(data, layout)["values"].astype(np.float32)


def _read_page(condition: str, dimensions: int) -> Vectors | None:
    """The first rows of a condition. The server puts them together: single rows cost the driver."""
    with _in_index_order():
        ids, norms, values = read_row(
            f"""
        SELECT array_agg(unit_id ORDER BY unit_id), array_agg(norm ORDER BY unit_id),
            string_agg(vector_send(value), ''::bytea ORDER BY unit_id)
        FROM (
            SELECT unit_id, norm, value FROM embeddings_vector WHERE {condition}
            ORDER BY unit_id LIMIT {_rows_per_page(dimensions)}
        ) AS page
        """
        )
    if ids is None or values is None:
        return None
    return Vectors(
        unit_ids=elements(ids, "i8").astype(np.int64),
        norms=elements(norms, "f8").astype(np.float64),
        values=vectors_on_the_wire(values, dimensions),
    )


@contextmanager
def _in_index_order() -> Iterator[None]:
    """Have the next page read along its index.

    Of vectors that were just imported the planner knows no numbers yet: it would gather and sort
    all that is left for each page, which measured 126 s for a million vectors.
    """
    ways = ("enable_bitmapscan", "enable_seqscan", "enable_sort")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {way} = off" for way in ways))
        yield
        # An outer transaction goes on as before.
        cursor.execute("; ".join(f"SET LOCAL {way} = on" for way in ways))


def _rows_per_page(dimensions: int) -> int:
    return max(1, _PAGE_BYTES // (4 * dimensions))
