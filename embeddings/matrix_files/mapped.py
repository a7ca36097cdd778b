"""A matrix as it lies in memory: the segments of one manifest, mapped."""

from functools import cached_property
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.matrix_files.errors import DamagedFile
from embeddings.matrix_files.manifest import Manifest, read_manifest
from embeddings.matrix_files.segment import Segment, open_segment

Places = NDArray[np.intp]
"""Numbers of rows, counted through all segments."""

# A manifest may be replaced, and its segments removed, between the reading of the two.
_ATTEMPTS = 5
_tokens = count()
_NO_IDS = np.empty(0, dtype=np.int64)
_NO_NORMS = np.empty(0, dtype=np.float64)


class MappedMatrix:
    """Rows of all segments, counted from 0; some are dead. Ids and norms are held in memory.

    `token` is a number that no other matrix of this process has.
    """

    def __init__(self, manifest: Manifest, segments: tuple[Segment, ...]) -> None:
        """Put the segments of a manifest together."""
        self.token = next(_tokens)
        self.manifest = manifest
        self.segments = segments
        self.starts = np.cumsum([0, *(len(segment.unit_ids) for segment in segments)])
        # The empty one in front: a set may have lost all its vectors.
        self.unit_ids = np.concatenate([_NO_IDS, *(one.unit_ids for one in segments)])
        self.norms = np.concatenate([_NO_NORMS, *(one.norms for one in segments)])
        self.alive = ~manifest.dead_rows()

    @property
    def revision(self) -> int:
        """All changes up to this one are in it."""
        return self.manifest.revision

    @cached_property
    def everything_alive(self) -> bool:
        """Whether no row is dead."""
        return bool(self.alive.all())

    @cached_property
    def zero_rows(self) -> Places:
        """Rows of zero vectors."""
        return np.flatnonzero(self.norms == 0)

    @cached_property
    def order(self) -> Places:
        """The living rows by ascending unit id."""
        living: Places = np.flatnonzero(self.alive)
        ids = self.unit_ids[living]
        if (ids[1:] > ids[:-1]).all():
            return living
        return living[np.argsort(ids, kind="stable")]

    @cached_property
    def ordered_ids(self) -> NDArray[np.int64]:
        """Unit ids of the living rows, ascending."""
        return self.unit_ids[self.order]

    def places_of(self, unit_ids: NDArray[np.int64]) -> Places:
        """The living rows of those of the units that have one, in the order of the units."""
        ids = self.ordered_ids
        if len(ids) == 0:
            return np.empty(0, dtype=np.intp)
        found = np.minimum(np.searchsorted(ids, unit_ids), len(ids) - 1)
        places: Places = self.order[found[ids[found] == unit_ids]]
        return places

    def rows(self, places: Places) -> NDArray[np.float32]:
        """Vectors of rows in any order, copied out: shape (n, dimensions)."""
        values = np.empty((len(places), self.manifest.dimensions), dtype=np.float32)
        owners = np.searchsorted(self.starts, places, side="right") - 1
        for number in np.unique(owners).tolist():
            own = owners == number
            values[own] = self.segments[number].values[places[own] - self.starts[number]]
        return values


def open_matrix_folder(folder: Path) -> MappedMatrix:
    """Map what the folder's manifest names.

    Raises:
        DamagedFile: the manifest or a segment is not what was written.
        FileNotFoundError: there is no manifest.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        manifest = read_manifest(folder)
        try:
            return MappedMatrix(manifest, _segments(folder, manifest))
        except FileNotFoundError as error:
            if attempt == _ATTEMPTS or read_manifest(folder) == manifest:
                raise DamagedFile(f"{error.filename} is missing.") from error
    raise AssertionError


def _segments(folder: Path, manifest: Manifest) -> tuple[Segment, ...]:
    segments = tuple(open_segment(folder / part.name) for part in manifest.parts)
    for part, segment in zip(manifest.parts, segments, strict=True):
        if segment.values.shape != (part.rows, manifest.dimensions):
            raise DamagedFile(f"{part.name} has another shape than the manifest says.")
        if segment.checksum != part.checksum:
            raise DamagedFile(f"{part.name} is another file than the manifest names.")
    return segments
