"""Vector sets and their files, for tests."""

import numpy as np
import numpy.typing as npt

from embeddings.matrix_files.background import Wish, fulfil
from embeddings.matrix_files.folders import set_folder
from embeddings.matrix_files.mapped import MappedMatrix, open_matrix_folder
from embeddings.models import Vector
from folders.models import Folder, MetadataKey


def make_file(root: Folder, key: MetadataKey, *, anew: bool = False) -> MappedMatrix:
    """Make a set's file, or bring it up to date, and open it."""
    assert key.dimensions is not None
    assert fulfil(Wish(root.pk, key.pk, key.dimensions, anew=anew))
    return open_matrix_folder(set_folder(root.pk, key.pk))


def content(matrix: MappedMatrix) -> dict[int, list[float]]:
    """The living rows by unit id; fails when a unit has several."""
    vectors = matrix.rows(matrix.order).tolist()
    ids = matrix.unit_ids[matrix.order].tolist()
    assert len(set(ids)) == len(ids)
    return dict(zip(ids, vectors, strict=True))


def in_table(root: Folder, key: MetadataKey) -> dict[int, list[float]]:
    """What PostgreSQL holds of a set."""
    rows = Vector.objects.filter(key=key, root=root).values_list("unit_id", "value")
    return {unit: as_floats(value) for unit, value in rows}


def as_floats(value: npt.ArrayLike) -> list[float]:
    floats: list[float] = np.asarray(value, dtype=np.float32).tolist()
    return floats
