"""Which vectors of a set its index holds, and writing them there."""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from embeddings.constants import LARGEST_PLAIN_NORM, SMALLEST_PLAIN_NORM
from embeddings.copying import elements, read_row
from embeddings.indexes.half import halves_of
from embeddings.indexes.table import append_rows
from embeddings.matrix_files.source import Vectors, vectors_on_the_wire
from embeddings.models import VectorIndex
from folders.choices import Metric


def write_vectors(index: VectorIndex, vectors: Vectors, metric: Metric) -> int:
    """Write those that belong into the index; returns how many.

    Vectors of extreme length do not: searches take them as candidates, all of them. Zero vectors
    have no cosine.
    """
    norms = vectors.norms
    kept = (norms >= SMALLEST_PLAIN_NORM) & (norms <= LARGEST_PLAIN_NORM)
    if metric != Metric.COSINE:
        kept |= norms == 0
    halves = halves_of(vectors.values[kept], norms[kept], metric, index.scale)
    append_rows(index, vectors.unit_ids[kept], halves)
    return int(kept.sum())


def sample_of(
    *, root_id: UUID, key_id: int, dimensions: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Some vectors of a set of ordinary length, spread over it: ids and values, the same each time.

    Units are taken in the order of a hash of their ids, from the index of the set's units.
    """
    ids, values = read_row(
        f"""
        SELECT array_agg(v.unit_id), string_agg(vector_send(v.value), ''::bytea)
        FROM embeddings_vector v WHERE v.key_id = {int(key_id)} AND v.root_id = '{root_id}'
        AND v.norm BETWEEN {SMALLEST_PLAIN_NORM!r} AND {LARGEST_PLAIN_NORM!r}
        AND v.unit_id = ANY (ARRAY(
            SELECT s.unit_id FROM embeddings_vector s
            WHERE s.key_id = {int(key_id)} AND s.root_id = '{root_id}'
            ORDER BY hashint8(s.unit_id) LIMIT {int(count)}
        ))
        """  # noqa: S608 - numbers and an identifier of ours
    )
    return elements(ids, "i8").astype(np.int64), vectors_on_the_wire(values or b"", dimensions)
