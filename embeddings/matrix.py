"""Vectors of one embedding key as one matrix: those of a root folder, or of some units."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from embeddings.copying import read_records, stream_records
from embeddings.matrix_files import MatrixView, open_matrix
from embeddings.models import Vector, VectorSet
from folders.models import MetadataKey

_VECTORS = "SELECT unit_id FROM embeddings_vector WHERE key_id = %s AND root_id = %s AND norm > %s"


@dataclass(frozen=True, slots=True)
class VectorMatrix:
    """Vectors in the order of unit ids.

    Attributes:
        unit_ids: shape (n,), ascending.
        values: float32 of shape (n, dimensions), C-contiguous; the caller's own.
        revision: all changes of the vector set up to this one are in it; some later ones may be.
        left_out: how many zero vectors are missing, because the caller asked to skip them.
    """

    unit_ids: NDArray[np.int64]
    values: NDArray[np.float32]
    revision: int
    left_out: int


def read_matrix(*, root_id: UUID, key: MetadataKey, skip_zero: bool) -> VectorMatrix:
    """Read the vectors of a set, from its matrix file if it has one or may get one.

    Memory holds the matrix once, and some megabytes.

    Args:
        root_id: the root folder.
        key: the embedding key.
        skip_zero: leave zero vectors out.
    """
    view = open_matrix(root_id=root_id, key=key)
    if view is not None:
        return _read_files(view, skip_zero=skip_zero)
    return _read_database(root_id=root_id, key=key, skip_zero=skip_zero)


def _read_files(view: MatrixView, *, skip_zero: bool) -> VectorMatrix:
    kept = view.norms > 0 if skip_zero else np.ones(len(view.unit_ids), dtype=bool)
    values = np.empty((int(kept.sum()), view.dimensions), dtype=np.float32)
    read = written = 0
    for rows in view.blocks():
        own = rows[kept[read : read + len(rows)]]
        values[written : written + len(own)] = own
        read, written = read + len(rows), written + len(own)
    return VectorMatrix(
        unit_ids=view.unit_ids[kept],
        values=values,
        revision=view.revision,
        left_out=int((~kept).sum()),
    )


def _read_database(*, root_id: UUID, key: MetadataKey, skip_zero: bool) -> VectorMatrix:
    # The revision first: what is committed between the two statements is then read, not missed.
    revision = (
        VectorSet.objects.filter(root=root_id, key=key).values_list("revision", flat=True).first()
    )
    dimensions = key.dimensions or 1
    parameters = [key.pk, root_id, 0.0 if skip_zero else -1.0]
    unit_ids = np.sort(read_records(_VECTORS, parameters, [("unit", "i8")])["unit"])
    unit_ids = unit_ids.astype(np.int64)
    values = np.empty((len(unit_ids), dimensions), dtype=np.float32)
    seen = np.zeros(len(unit_ids), dtype=bool)
    statement = _VECTORS.replace("unit_id", "unit_id, value", 1)
    for records in stream_records(statement, parameters, vector_layout(dimensions)):
        # Rows come in the table's order and go to their place; sorting them would need a copy.
        places = np.searchsorted(unit_ids, records["unit"])
        known = np.append(unit_ids, -1)[places] == records["unit"]
        values[places[known]] = records["values"][known]
        seen[places[known]] = True
    if not seen.all():
        unit_ids, values = unit_ids[seen], values[seen]
    zero = Vector.objects.filter(key_id=key.pk, root_id=root_id, norm=0)
    return VectorMatrix(
        unit_ids=unit_ids,
        values=values,
        revision=revision or 0,
        left_out=zero.count() if skip_zero else 0,
    )


def read_sample(
    *, root_id: UUID, key: MetadataKey, count: int, seed: int, skip_zero: bool
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Up to `count` vectors of a set, chosen at random, from PostgreSQL.

    Returns:
        Their unit ids, ascending, of shape (n,), and the vectors (n, dimensions).
    """
    parameters = [key.pk, root_id, 0.0 if skip_zero else -1.0]
    unit_ids = np.sort(read_records(_VECTORS, parameters, [("unit", "i8")])["unit"])
    if len(unit_ids) > count:
        chosen = np.random.default_rng(seed).choice(len(unit_ids), size=count, replace=False)
        unit_ids = unit_ids[np.sort(chosen)]
    unit_ids = unit_ids.astype(np.int64)
    seen, values = read_some(key=key, unit_ids=unit_ids)
    return unit_ids[seen], values[seen]


def read_some(
    *, key: MetadataKey, unit_ids: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """The vectors of some units, in the order of the ids, each of which comes once.

    Returns:
        Which of the units have a vector, shape (n,); and a matrix (n, dimensions) with zeros for
        those that have none.
    """
    dimensions = key.dimensions or 1
    order = np.argsort(unit_ids)
    values = np.zeros((len(unit_ids), dimensions), dtype=np.float32)
    seen = np.zeros(len(unit_ids), dtype=bool)
    statement = (
        "SELECT unit_id, value FROM embeddings_vector"
        " WHERE key_id = %s AND unit_id = ANY (%s::bigint[])"
    )
    parameters = [key.pk, unit_ids.tolist()]
    for records in stream_records(statement, parameters, vector_layout(dimensions)):
        places = order[np.searchsorted(unit_ids, records["unit"], sorter=order)]
        values[places] = records["values"]
        seen[places] = True
    return seen, values


def vector_layout(dimensions: int) -> np.dtype[np.void]:
    """A row (unit_id, value) on the wire."""
    return np.dtype(
        [
            ("_fields", ">i2"),
            ("_unit_length", ">i4"),
            ("unit", ">i8"),
            # pgvector sends the number of dimensions, an unused number, then the values.
            ("_values_length", ">i4"),
            ("dimensions", ">i2"),
            ("unused", ">i2"),
            ("values", ">f4", (dimensions,)),
        ]
    )
