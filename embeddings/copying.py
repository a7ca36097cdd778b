"""Many rows between PostgreSQL and numpy, in binary.

Narrow rows come as one array a column, wide ones and all that are written by COPY: numbers stand in
numpy's memory as they stood on the wire, and no Python code runs per value. A million points take
less than a second, against half a minute through models.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from numpy.typing import NDArray

Records = NDArray[np.void]

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_HEADER = _SIGNATURE + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
_CHUNK_BYTES = 4 * 1024 * 1024

# An array on the wire: dimensions, whether there are nulls, type of the elements, length, lowest
# index; then each element after its length.
_ARRAY_HEADER = struct.Struct(">5i")
_ARRAY_TYPES = {"i2": 21, "i4": 23, "i8": 20, "f4": 700, "f8": 701}


def wire_layout(columns: Sequence[tuple[str, str]]) -> np.dtype[np.void]:
    """A row on the wire: big-endian, each column after its length in bytes.

    Args:
        columns: names and numpy types, in the order of the SELECT: i2, i4, i8, f4 or f8. Names that
            begin with an underscore are kept for the lengths.
    """
    fields: list[tuple[str, str]] = [("_fields", ">i2")]
    for name, kind in columns:
        fields += [(f"_{name}_length", ">i4"), (name, f">{kind}")]
    return np.dtype(fields)


def read_records(
    statement: str, parameters: Sequence[Any], columns: Sequence[tuple[str, str]]
) -> Records:
    """All rows of a SELECT of these columns, of shape (n,), one field a column.

    The server gathers each column in an array: rows that come one by one cost some microseconds
    each in the driver.

    Args:
        statement: has no nulls in its answer.
        parameters: for its placeholders.
        columns: names and numpy types: i2, i4, i8, f4 or f8.

    Raises:
        ValueError: a column is of another type, or has nulls.
    """
    aliases = ", ".join(f"c{number}" for number in range(len(columns)))
    arrays = ", ".join(f"array_agg(c{number})" for number in range(len(columns)))
    select = connection.ops.compose_sql(statement, parameters)  # type: ignore[attr-defined]
    data = read_row(f"SELECT {arrays} FROM ({select}) AS rows ({aliases})")  # noqa: S608
    found = [elements(one, kind) for one, (_, kind) in zip(data, columns, strict=True)]
    records = np.empty(len(found[0]), dtype=np.dtype(list(columns)))
    for (name, _), values in zip(columns, found, strict=True):
        records[name] = values
    return records


def read_row(query: str) -> list[bytes | None]:
    """The columns of a query's only row, as the server sends them in binary.

    Args:
        query: complete, with every value in place.
    """
    connection.ensure_connection()
    # A cursor of the driver: Django's own cannot ask for binary.
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection) as cursor,
    ):
        cursor.execute(query.encode(), binary=True, prepare=False)
        answer = cursor.pgresult
        assert answer is not None  # noqa: S101  (a SELECT has one)
        return [answer.get_value(0, number) for number in range(answer.nfields)]


def read_queryset(queryset: QuerySet[Any, Any], columns: Sequence[tuple[str, str]]) -> Records:
    """All rows of a queryset made by `values_list`, whose SELECT has these columns."""
    try:
        statement, parameters = queryset.query.sql_with_params()
    except EmptyResultSet:
        # Django saw that nothing can match.
        return np.empty(0, dtype=np.dtype(list(columns)))
    return read_records(statement, parameters, columns)


def stream_records(
    statement: str, parameters: Sequence[Any], layout: np.dtype[np.void]
) -> Iterator[Records]:
    """The rows of a SELECT, some megabytes at a time.

    Raises:
        ValueError: a row is not as the layout says.
    """
    waiting = bytearray()
    begun = False
    with connection.cursor() as cursor:
        # Composed here, because Django's debugging cursor takes a finished statement only.
        select = connection.ops.compose_sql(statement, parameters)  # type: ignore[attr-defined]
        with cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT BINARY)") as copy:
            for data in copy:
                waiting += data
                if not begun:
                    _drop_header(waiting)
                    begun = True
                if len(waiting) >= _CHUNK_BYTES:
                    yield _take_records(waiting, layout)
    if waiting != _TRAILER:
        yield _take_records(waiting, layout)
    if waiting != _TRAILER:
        raise ValueError("Rows have another width than their layout.")


def write_records(table: str, columns: Sequence[tuple[str, str]], records: Records) -> None:
    """Append rows to a table; `records` has the layout of `columns`, values set, lengths not."""
    names = ", ".join(name for name, _ in columns)
    step = max(1, _CHUNK_BYTES // records.itemsize)
    records["_fields"] = len(columns)
    for name, _ in columns:
        records[f"_{name}_length"] = records.dtype[name].itemsize
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(_HEADER)
        for start in range(0, len(records), step):
            copy.write(records[start : start + step].tobytes())
        copy.write(_TRAILER)


def elements(data: bytes | None, kind: str) -> NDArray[Any]:
    """The elements of an array as the server sends it; none of an array that is null."""
    if data is None:
        return np.empty(0, dtype=kind)
    dimensions, has_nulls, type_, length, _ = _ARRAY_HEADER.unpack_from(data)
    if dimensions != 1 or has_nulls or type_ != _ARRAY_TYPES[kind]:
        raise ValueError(f"A column has nulls or is of another type than {kind}.")
    element = np.dtype([("length", ">i4"), ("value", f">{kind}")])
    return np.frombuffer(data, element, count=length, offset=_ARRAY_HEADER.size)["value"]


def _drop_header(waiting: bytearray) -> None:
    (extension,) = struct.unpack_from(">i", waiting, len(_SIGNATURE) + 4)
    del waiting[: len(_HEADER) + extension]


def _take_records(waiting: bytearray, layout: np.dtype[np.void]) -> Records:
    """Move all whole rows out of the buffer."""
    count = len(waiting) // layout.itemsize
    taken = bytes(waiting[: count * layout.itemsize])
    del waiting[: count * layout.itemsize]
    records = np.frombuffer(taken, dtype=layout)
    columns = sum(name.startswith("_") for name in layout.names or ()) - 1
    if not (records["_fields"] == columns).all():
        raise ValueError("Rows have other columns than their layout.")
    return records
