"""The table under an index: unit ids and vectors in half precision, and the HNSW index on them."""
# ruff: noqa: S608 - what is put into statements is a number or an identifier of ours

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from numpy.typing import NDArray
from psycopg import errors

from embeddings.copying import write_records
from embeddings.indexes.half import Halves
from embeddings.models import VectorIndex
from folders.choices import Metric

CLASSES = {
    Metric.COSINE: "halfvec_cosine_ops",
    Metric.L2: "halfvec_l2_ops",
    Metric.INNER_PRODUCT: "halfvec_ip_ops",
}


def table_name(index: VectorIndex) -> str:
    """As the trigger knows it that drops the table with the index."""
    return f"embeddings_hnsw_{int(index.pk)}"


def create_table(index: VectorIndex) -> None:
    """Make the table anew, whatever an earlier run has left of it."""
    name = table_name(index)
    with transaction.atomic(), connection.cursor() as cursor:
        # 4,000 dimensions fit a page; TOAST would only have each of them read twice.
        cursor.execute(
            f"""
            DROP TABLE IF EXISTS {name};
            CREATE TABLE {name} (
                unit_id bigint PRIMARY KEY,
                value halfvec({int(index.dimensions)}) NOT NULL
            );
            ALTER TABLE {name} ALTER COLUMN value SET STORAGE PLAIN;
            ALTER TABLE {name} ALTER COLUMN value SET STATISTICS 0;
            """
        )


def drop_table(index: VectorIndex) -> None:
    """Remove the table with all that is in it."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table_name(index)}")


def append_rows(index: VectorIndex, unit_ids: NDArray[np.int64], values: Halves) -> None:
    """Write rows of units that have none."""
    # pgvector reads the number of dimensions and an unused number before the values.
    value = np.dtype([("size", ">i2"), ("unused", ">i2"), ("halves", ">f2", (index.dimensions,))])
    layout = np.dtype(
        [
            ("_fields", ">i2"),
            ("_unit_id_length", ">i4"),
            ("unit_id", ">i8"),
            ("_value_length", ">i4"),
            ("value", value),
        ]
    )
    records = np.zeros(len(unit_ids), dtype=layout)
    records["unit_id"] = unit_ids
    records["value"]["size"] = index.dimensions
    records["value"]["halves"] = values
    write_records(table_name(index), [("unit_id", "i8"), ("value", "")], records)


def remove_rows(index: VectorIndex, unit_ids: NDArray[np.int64]) -> int:
    """Delete the rows of some units; returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table_name(index)} WHERE unit_id = ANY (%s::bigint[])",
            [unit_ids.tolist()],
        )
        return int(cursor.rowcount)


def create_graph(index: VectorIndex, metric: Metric) -> None:
    """Build the HNSW index, which takes long: a quarter of an hour for a million of 512.

    Parallel workers share memory that small containers do not have; then it is built without.
    """
    try:
        _create_graph(index, metric, workers="")
    except Exception as error:
        if not isinstance(error.__cause__, (errors.DiskFull, errors.OutOfMemory)):
            raise
        _create_graph(index, metric, workers="SET LOCAL max_parallel_maintenance_workers = 0;")


def _create_graph(index: VectorIndex, metric: Metric, *, workers: str) -> None:
    name = table_name(index)
    with transaction.atomic(), connection.cursor() as cursor:
        # A worker that was killed must not go on building: its successor waits for the table.
        cursor.execute(
            f"""
            SET LOCAL maintenance_work_mem = '{int(settings.INDEX_BUILD_MB)}MB';
            SET LOCAL client_connection_check_interval = '2s';
            {workers}
            CREATE INDEX {name}_graph ON {name} USING hnsw (value {CLASSES[metric]});
            """
        )


def facts(index: VectorIndex) -> tuple[int, int]:
    """(rows, bytes with all indexes)."""
    name = table_name(index)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), pg_total_relation_size('{name}') FROM {name}")
        rows, size = cursor.fetchone()
    return int(rows), int(size)
