"""Streams vectors into a temporary table by binary COPY, the quickest way into PostgreSQL.

The whole stream is one numpy structured array per chunk: no Python code runs per row.
"""

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from django.db import connection

from embeddings.constants import COPY_CHUNK_BYTES
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
            copy.write(_COPY_HEADER)
            for chunk in copy_rows(key_id, unit_ids, values):
                copy.write(chunk)
            copy.write(_COPY_TRAILER)


def copy_rows(key_id: int, unit_ids: UnitIds, values: Values) -> Iterator[bytes]:
    """Vectors as rows of PostgreSQL's binary COPY format, in chunks of some megabytes."""
    dimensions = values.shape[1]
    layout = row_layout(dimensions)
    step = max(1, COPY_CHUNK_BYTES // layout.itemsize)
    for start in range(0, len(values), step):
        part = values[start : start + step]
        rows = np.empty(len(part), dtype=layout)
        rows["fields"] = 4
        rows["key_length"] = rows["unit_length"] = rows["norm_length"] = 8
        rows["key"] = key_id
        rows["unit"] = unit_ids[start : start + step]
        rows["norm"] = norms(part)
        rows["value_length"] = 4 + 4 * dimensions
        rows["dimensions"] = dimensions
        rows["unused"] = 0
        rows["value"] = part
        yield rows.tobytes()


def row_layout(dimensions: int) -> np.dtype[np.void]:
    """A row (key_id, unit_id, norm, value) on the wire: big-endian, each field after its length."""
    return np.dtype(
        [
            ("fields", ">i2"),
            *(("key_length", ">i4"), ("key", ">i8")),
            *(("unit_length", ">i4"), ("unit", ">i8")),
            *(("norm_length", ">i4"), ("norm", ">f8")),
            # pgvector sends the number of dimensions, an unused number, then the values.
            *(("value_length", ">i4"), ("dimensions", ">i2"), ("unused", ">i2")),
            ("value", ">f4", (dimensions,)),
        ]
    )
