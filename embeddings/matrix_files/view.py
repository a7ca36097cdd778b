"""A vector set at one revision, for whoever reads all of it: reductions, neighbours, placement."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from embeddings.matrix_files.background import Wish, fulfil
from embeddings.matrix_files.mapped import MappedMatrix, Places
from embeddings.matrix_files.store import STORE
from folders.models import MetadataKey

_ROWS_PER_BLOCK = 8192


@dataclass(frozen=True, slots=True)
class MatrixView:
    """The vectors of a set in the order of unit ids, mapped from files: memory holds the ids alone.

    Attributes:
        unit_ids: shape (n,), ascending.
        norms: Euclidean lengths in float64, shape (n,).
        revision: all changes of the set up to this one are in it; some later ones may be.
    """

    unit_ids: NDArray[np.int64]
    norms: NDArray[np.float64]
    revision: int
    dimensions: int
    _matrix: MappedMatrix
    _places: Places

    def rows(self, numbers: Places) -> NDArray[np.float32]:
        """Vectors of some units, by their number in `unit_ids`: shape (m, dimensions), a copy."""
        return self._matrix.rows(self._places[numbers])

    def blocks(self, rows: int = _ROWS_PER_BLOCK) -> Iterator[NDArray[np.float32]]:
        """All vectors in order, some thousand rows at a time, read-only.

        Rows that lie together in the file are not copied.
        """
        for start in range(0, len(self._places), rows):
            places = self._places[start : start + rows]
            yield self._lying_together(places)

    def _lying_together(self, places: Places) -> NDArray[np.float32]:
        starts = self._matrix.starts
        number = int(np.searchsorted(starts, places[0], side="right")) - 1
        begin, end = int(places[0]), int(places[-1]) + 1
        # Rows between two others may be dead; and appended ones lie elsewhere.
        if end - begin != len(places) or end > starts[number + 1] or (np.diff(places) != 1).any():
            return self._matrix.rows(places)
        return self._matrix.segments[number].values[begin - starts[number] : end - starts[number]]


def open_matrix(*, root_id: UUID, key: MetadataKey) -> MatrixView | None:
    """The set's vectors, with every change that was committed before the call.

    Makes the matrix file or brings it up to date first, which takes a while at a million vectors:
    for jobs, not for requests. While another process is at it, this one waits.

    Returns:
        None when the set has no vectors or its file would exceed the disk budget; read it from
        PostgreSQL then.
    """
    if key.dimensions is None:
        return None
    wish = Wish(root_id=root_id, key_id=key.pk, dimensions=key.dimensions)
    matrix = STORE.find(root_id, key.pk) if fulfil(wish, wait=True) else None
    if matrix is None or not len(matrix.order):
        return None
    return MatrixView(
        unit_ids=matrix.ordered_ids,
        norms=matrix.norms[matrix.order],
        revision=matrix.revision,
        dimensions=key.dimensions,
        _matrix=matrix,
        _places=matrix.order,
    )


def has_matrix_file(*, root_id: UUID, key: MetadataKey) -> bool:
    """Whether the set has a file, perhaps not of its latest changes: opening it then is quick."""
    return STORE.find(root_id, key.pk) is not None
