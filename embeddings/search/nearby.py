"""What may be near a query, by an index and by what has changed since.

One statement answers it, so that it shows one state of the data: the index, the revision that it
holds, and the changes after that.
"""
# ruff: noqa: S608 - what is put into the statement is a number or an identifier of ours

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import ProgrammingError, connection, transaction
from numpy.typing import NDArray
from psycopg import errors

from embeddings.constants import LARGEST_PLAIN_NORM, SMALLEST_PLAIN_NORM
from embeddings.copying import elements, read_row
from embeddings.indexes.half import query_text
from embeddings.indexes.table import table_name
from embeddings.matrix_files.lag import most_changes
from embeddings.models import VectorIndex
from embeddings.search.slack import OPERATORS
from folders.choices import Metric

# pgvector looks at so many rows at most before it gives up; its own default is 20,000.
_ROWS_PER_CANDIDATE = 4
_FEWEST_ROWS = 20_000
# Each change is measured by each search: beyond so many PostgreSQL is as quick with all vectors.
_MOST_CHANGES = 5_000


@dataclass(frozen=True, slots=True)
class Candidates:
    """Units that may be near: in no order, perhaps without a vector by now.

    `exhausted`: the index has no more to give.
    """

    unit_ids: NDArray[np.int64]
    exhausted: bool


def find_candidates(
    index: VectorIndex,
    *,
    root_id: UUID,
    key_id: int,
    metric: Metric,
    query: NDArray[np.float32],
    count: int,
    ef_search: int | None = None,
) -> Candidates | None:
    """The `count` nearest by the index, and all that it does not hold.

    None when the index cannot be used: too much has changed, the history since is forgotten, or the
    index is gone.
    """
    most = min(_MOST_CHANGES, most_changes(index.dimensions))
    text = query_text(query, metric, index.scale)
    nearest = f"value {OPERATORS[metric]} '{text}'::halfvec({int(index.dimensions)})"
    statement = f"""
        WITH i AS (
            SELECT i.revision, s.history_from, s.id
            FROM embeddings_vectorindex i JOIN embeddings_vectorset s ON s.id = i.vector_set_id
            WHERE i.id = {int(index.pk)}
        )
        SELECT
            ARRAY[
                coalesce((SELECT revision FROM i), -1), coalesce((SELECT history_from FROM i), 0)
            ],
            (SELECT array_agg(unit_id) FROM (
                SELECT unit_id FROM {table_name(index)} ORDER BY {nearest} LIMIT {int(count)}
            ) AS nearest),
            (SELECT array_agg(unit_id) FROM (
                SELECT DISTINCT c.unit_id FROM (
                    SELECT unit_id FROM embeddings_vectorchange
                    WHERE vector_set_id = (SELECT id FROM i)
                    AND revision > (SELECT revision FROM i) ORDER BY revision LIMIT {2 * most}
                ) AS c LIMIT {most + 1}
            ) AS changed),
            (SELECT array_agg(unit_id) FROM (
                SELECT v.unit_id FROM embeddings_vector v
                WHERE v.key_id = {int(key_id)} AND v.root_id = '{root_id}'
                AND (v.norm > 0 AND v.norm < {SMALLEST_PLAIN_NORM!r}
                    OR v.norm > {LARGEST_PLAIN_NORM!r})
                LIMIT {most + 1}
            ) AS extreme)
    """
    answer = _read(statement, count=count, ef_search=ef_search or index.ef_search)
    if answer is None:
        return None
    head, near, changed, extreme = (elements(one, "i8").astype(np.int64) for one in answer)
    revision, history_from = head.tolist()
    if revision < history_from or max(len(changed), len(extreme)) > most:
        return None
    everything = np.unique(np.concatenate([near, changed, extreme]))
    return Candidates(everything, exhausted=len(near) < count)


def _read(statement: str, *, count: int, ef_search: int) -> list[bytes | None] | None:
    """The statement's row; None when the index's table went away since the index was looked up."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"""
                SET LOCAL hnsw.ef_search = {int(ef_search)};
                SET LOCAL hnsw.iterative_scan = relaxed_order;
                SET LOCAL hnsw.max_scan_tuples = {_FEWEST_ROWS + _ROWS_PER_CANDIDATE * int(count)}
                """
            )
            return read_row(statement)
    except ProgrammingError as error:
        if isinstance(error.__cause__, errors.UndefinedTable):
            return None
        raise
