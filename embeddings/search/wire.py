"""Reads vectors and distances from PostgreSQL in binary: no text is parsed, no row is an object."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection

from embeddings.copying import Records, read_records

# pgvector sends the number of dimensions and an unused number before the values.
_VECTOR_HEADER_BYTES = 4
# Vectors computed together: 2,048 of 4,096 dimensions are 64 MB in float64.
_ROWS_AT_ONCE = 2048
# Rows taken from the server at once; older libraries hand them over one by one.
_ROWS_PER_CHUNK = 256 if psycopg.capabilities.has_stream_chunked() else 1


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one statement: vectors of shape (n, d) in float32, and n of something else."""

    vectors: npt.NDArray[np.float32]
    others: list[tuple[Any, ...]]


def groups(sql: str, *, value_column: int) -> Iterator[Group]:
    """Run a statement and hand on its rows a few thousand at a time."""
    with connection.wrap_database_errors, _cursor() as cursor:
        values: list[npt.NDArray[np.float32]] = []
        others: list[tuple[Any, ...]] = []
        for row in cursor.stream(sql.encode(), binary=True, size=_ROWS_PER_CHUNK):
            values.append(np.frombuffer(row[value_column], ">f4", offset=_VECTOR_HEADER_BYTES))
            others.append((*row[:value_column], *row[value_column + 1 :]))
            if len(values) == _ROWS_AT_ONCE:
                yield Group(np.array(values, dtype=np.float32), others)
                values, others = [], []
        if values:
            yield Group(np.array(values, dtype=np.float32), others)


def scores(sql: str) -> Records:
    """Run a statement of (unit_id, d, norm): records with fields unit, d, norm."""
    columns = [("unit", "i8"), ("d", "f8"), ("norm", "f8")]
    # The statement is complete: its percent signs are its own.
    return read_records(sql.replace("%", "%%"), [], columns)


def _cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    """A cursor of the driver: Django's own binds on the client and cannot ask for binary."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)
