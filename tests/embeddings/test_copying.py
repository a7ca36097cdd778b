"""Rows between PostgreSQL and numpy."""

import numpy as np
import pytest
from django.db import connection

from embeddings import copying
from embeddings.copying import read_queryset, read_records, wire_layout, write_records
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


@pytest.mark.parametrize(
    "columns", [[("middle", "i8")], [("middle", "i2")], [("middle", "i4"), ("more", "i4")]]
)
def test_read_records__refuses_rows_of_another_layout(
    columns: list[tuple[str, str]], table: str
) -> None:
    write_records(table, COLUMNS, some_records(3))

    with pytest.raises(ValueError, match="than their layout"):
        read_records("SELECT middle FROM numbers", (), columns)


def test_read_queryset__that_matches_nothing_is_empty(db: None) -> None:
    read = read_queryset(Unit.objects.none().values_list("pk"), [("pk", "i8")])

    assert read["pk"].tolist() == []
