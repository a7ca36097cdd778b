"""Rows between PostgreSQL and numpy."""

import numpy as np
import pytest
from django.db import connection

from embeddings import copying
from embeddings.copying import (
    read_queryset,
    read_records,
    stream_records,
    wire_layout,
    write_records,
)
from folders.models import Unit

COLUMNS = [("small", "i2"), ("middle", "i4"), ("large", "i8"), ("single", "f4"), ("double", "f8")]


def some_records(count: int) -> np.ndarray:
    records = np.empty(count, dtype=wire_layout(COLUMNS))
    records["small"] = np.arange(count) % 1000 - 500
    records["middle"] = np.arange(count) * 7 - 3
    records["large"] = np.arange(count) * 2**40
    records["single"] = np.random.default_rng(1).normal(size=count)
    records["double"] = np.random.default_rng(2).normal(size=count) * 1e300
    return records


@pytest.fixture
def table(db: None) -> str:
    """A table of one column per type."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE numbers (small smallint, middle integer, large bigint,"
            " single real, double double precision) ON COMMIT DROP"
        )
    return "numbers"


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_records__come_back_as_they_were_written(
    count: int, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Chunks that end within rows.
    monkeypatch.setattr(copying, "_CHUNK_BYTES", 1000)
    records = some_records(count)

    write_records(table, COLUMNS, records)
    read = read_records("SELECT * FROM numbers ORDER BY large", (), COLUMNS)

    assert len(read) == count
    for name, _ in COLUMNS:
        assert (read[name] == records[name]).all()


def test_read_records__puts_parameters_in_place(table: str) -> None:
    write_records(table, COLUMNS, some_records(10))

    read = read_records(
        "SELECT middle FROM numbers WHERE middle %% 2 = %s AND large > %s ORDER BY 1",
        (0, 2**41),
        [("middle", "i4")],
    )

    assert read["middle"].tolist() == [18, 32, 46, 60]


@pytest.mark.parametrize("kind", ["i2", "i8", "f4"])
def test_read_records__refuses_columns_of_another_type(kind: str, table: str) -> None:
    write_records(table, COLUMNS, some_records(3))

    with pytest.raises(ValueError, match="another type"):
        read_records("SELECT middle FROM numbers", (), [("middle", kind)])


def test_read_records__refuses_nulls(db: None) -> None:
    with pytest.raises(ValueError, match="nulls"):
        read_records("SELECT nullif(n, 2) FROM generate_series(1, 3) n", (), [("n", "i4")])


def test_read_records__keeps_percent_signs_of_values(db: None) -> None:
    read = read_records("SELECT 1 WHERE %s = '5%%'", ("5%",), [("n", "i4")])

    assert read["n"].tolist() == [1]


@pytest.mark.parametrize(
    "columns", [[("middle", "i8")], [("middle", "i2")], [("middle", "i4"), ("more", "i4")]]
)
def test_stream_records__refuses_rows_of_another_layout(
    columns: list[tuple[str, str]], table: str
) -> None:
    write_records(table, COLUMNS, some_records(3))

    with pytest.raises(ValueError, match="than their layout"):
        list(stream_records("SELECT middle FROM numbers", (), wire_layout(columns)))


def test_stream_records__come_whole_from_chunks_that_end_within_rows(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_CHUNK_BYTES", 1000)
    records = some_records(1000)
    write_records(table, COLUMNS, records)

    layout = wire_layout(COLUMNS)
    read = np.concatenate(list(stream_records("SELECT * FROM numbers ORDER BY 3", (), layout)))

    assert (read["large"] == records["large"]).all()


def test_read_queryset__that_matches_nothing_is_empty(db: None) -> None:
    read = read_queryset(Unit.objects.none().values_list("pk"), [("pk", "i8")])

    assert read["pk"].tolist() == []
