"""Streams vectors into a temporary table by binary COPY, the quickest way into PostgreSQL.

The whole stream is one numpy structured array per chunk: no Python code runs per row.
"""

import struct
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection

from embeddings.constants import COPY_CHUNK_BYTES
from embeddings.copying import wire_layout, write_records
from embeddings.search.distance import norms

UnitIds = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_COPY_TRAILER = struct.pack(">h", -1)


class Stage:
    """A temporary table (key_id, unit_id, norm, value) that is emptied when the transaction ends.

    Each connection makes it once: making a table costs more than staging a vector.
    """

    table = "vector_stage"

    def __init__(self) -> None:
        """Make the table, or empty it when an earlier write of this transaction left rows."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s)", [f"pg_temp.{self.table}"])
            if cursor.fetchone()[0] is None:
                self._create()
                return
            # Looking is cheaper than truncating, which makes a new file.
            cursor.execute(f"SELECT EXISTS (SELECT FROM {self.table})")  # noqa: S608
            if cursor.fetchone()[0]:
                cursor.execute(f"TRUNCATE {self.table}")

    def _create(self) -> None:
        # EXTERNAL with this target: vectors that fit a page stay in it, uncompressed; larger ones
        # go to TOAST. PLAIN would refuse those.
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                CREATE TEMPORARY TABLE {self.table} (
                    key_id bigint NOT NULL, unit_id bigint NOT NULL,
                    norm double precision NOT NULL, value vector NOT NULL
                ) WITH (toast_tuple_target = 8160) ON COMMIT DELETE ROWS;
                ALTER TABLE {self.table} ALTER COLUMN value SET STORAGE EXTERNAL;
                """
            )

    def copy(self, *, key_id: int, unit_ids: UnitIds, values: Values) -> None:
        """Append vectors of one key; `values` has shape (len(unit_ids), dimensions)."""
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {self.table} FROM STDIN (FORMAT BINARY)") as copy,
        ):
            for chunk in copy_stream(copy_rows(key_id, unit_ids, values)):
                copy.write(chunk)


class UnitStage:
    """The ids of units in a temporary table, for joins; emptied when the transaction ends."""

    table = "unit_stage"

    def __init__(self, unit_ids: UnitIds) -> None:
        """Stage the ids."""
        layout = wire_layout([("unit_id", "i8")])
        records = np.zeros(len(unit_ids), dtype=layout)
        records["unit_id"] = unit_ids
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE IF NOT EXISTS {self.table} (unit_id bigint NOT NULL)"
                f" ON COMMIT DELETE ROWS; TRUNCATE {self.table}"
            )
            write_records(self.table, [("unit_id", "i8")], records)
            cursor.execute(f"ANALYZE {self.table}")


def partition_rows(
    *, key_id: int, root_id: UUID, unit_ids: UnitIds, values: Values
) -> Iterator[bytes]:
    """Vectors as whole rows of a partition, for COPY into it; in chunks of some megabytes."""
    layout = partition_layout(values.shape[1])
    step = max(1, COPY_CHUNK_BYTES // layout.itemsize)
    for start in range(0, len(values), step):
        part = values[start : start + step]
        rows = _filled(layout, 5, key_id, unit_ids[start : start + step], part)
        rows["root_length"] = 16
        rows["root"] = np.void(root_id.bytes)
        yield rows.tobytes()


def copy_stream(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Rows with what goes before and behind them."""
    yield _COPY_HEADER
    yield from chunks
    yield _COPY_TRAILER


def copy_rows(key_id: int, unit_ids: UnitIds, values: Values) -> Iterator[bytes]:
    """Vectors as rows of PostgreSQL's binary COPY format, in chunks of some megabytes."""
    layout = row_layout(values.shape[1])
    step = max(1, COPY_CHUNK_BYTES // layout.itemsize)
    for start in range(0, len(values), step):
        part = values[start : start + step]
        yield _filled(layout, 4, key_id, unit_ids[start : start + step], part).tobytes()


def row_layout(dimensions: int) -> np.dtype[np.void]:
    """A row (key_id, unit_id, norm, value) on the wire: big-endian, each field after its length."""
    return np.dtype([*_BEGIN, *_value_layout(dimensions)])


def partition_layout(dimensions: int) -> np.dtype[np.void]:
    """A row (key_id, unit_id, root_id, norm, value) on the wire."""
    begin = [*_BEGIN[:5], ("root_length", ">i4"), ("root", "V16"), *_BEGIN[5:]]
    return np.dtype([*begin, *_value_layout(dimensions)])


_BEGIN: list[Any] = [
    ("fields", ">i2"),
    *(("key_length", ">i4"), ("key", ">i8")),
    *(("unit_length", ">i4"), ("unit", ">i8")),
    *(("norm_length", ">i4"), ("norm", ">f8")),
]


def _value_layout(dimensions: int) -> list[Any]:
    """pgvector sends the number of dimensions, an unused number, then the values."""
    return [
        *(("value_length", ">i4"), ("dimensions", ">i2"), ("unused", ">i2")),
        ("value", ">f4", (dimensions,)),
    ]


def _filled(
    layout: np.dtype[np.void], fields: int, key_id: int, unit_ids: UnitIds, part: Values
) -> npt.NDArray[np.void]:
    """Rows with what both layouts have."""
    rows = np.empty(len(part), dtype=layout)
    rows["fields"] = fields
    rows["key_length"] = rows["unit_length"] = rows["norm_length"] = 8
    rows["key"], rows["unit"], rows["norm"] = key_id, unit_ids, norms(part)
    rows["value_length"] = 4 + 4 * part.shape[1]
    rows["dimensions"], rows["unused"] = part.shape[1], 0
    rows["value"] = part
    return rows
