"""Keeps a finished map in step with its vector set: new vectors get places, the others keep theirs.

What came, changed and went is told by the change table. Each run works on one revision of the set
and notes it with the points in one transaction, so that it may be killed at any line.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from core.models import Job
from core.services.jobs import enqueue_job
from embeddings.maps.access import current_map
from embeddings.matrix_files import MatrixView, open_matrix
from embeddings.matrix_files.source import changed_units, stream_set
from embeddings.models import Reduction, VectorSet
from embeddings.reductions.placing import Anchors, Places, place
from embeddings.services.map_parts import renew_parts
from embeddings.services.points import (
    LaidOut,
    add_placed_points,
    all_points,
    laid_out_points,
    remove_points,
)
from embeddings.services.reductions import METRICS, hold_publication
from embeddings.services.vector_sets import SetName
from folders.choices import Metric
from folders.models import Folder, MetadataKey
from folders.services.locks import share_tree

PLACE = "embeddings.place"
# Units placed between two reports of progress.
_BATCH = 5000
# More parts of a payload than this are joined: each is a request of the browser.
_MOST_SEGMENTS = 32
_ATTEMPTS = 5


def request_placement(name: SetName) -> Job | None:
    """Have the map of a vector set brought up to date; None when it is, or is not finished.

    Called after each commit that changed the set. A job that waits is enough for any number of
    changes; one that has begun may have read the set before.
    """
    root_id, key_id = name
    lagging = Reduction.objects.filter(root=root_id, key=key_id).ready().newest_first()
    reduction = lagging.select_related("root", "key").first()
    if reduction is None or reduction.key.deleted_at is not None:
        return None
    later = VectorSet.objects.filter(revision__gt=reduction.placed_revision or 0)
    if not later.filter(root=root_id, key=key_id).exists():
        return None
    return enqueue_job(
        organisation_id=reduction.root.organisation_id,
        user_id=None,
        kind=PLACE,
        title=f"Placing units on the map of {reduction.key.name} in {reduction.root.name}",
        payload={"root": str(root_id), "key": key_id},
        folder_id=root_id,
        idempotency_key=f"{root_id}:{key_id}",
    )


def carry_out_placement(
    *, root_id: UUID, key_id: int, told: Callable[[int, int], None]
) -> dict[str, Any]:
    """Bring the newest finished map of a vector set up to its present revision.

    Args:
        root_id: the root folder.
        key_id: the embedding key.
        told: how many of how many units have their place; may raise.

    Returns:
        How many units were `placed` and `removed`.
    """
    root = Folder.objects.filter(pk=root_id).first()
    key = MetadataKey.objects.filter(pk=key_id).first()
    done = {"placed": 0, "removed": 0}
    if root is None or key is None or key.dimensions is None:
        return done
    for _ in range(_ATTEMPTS):
        reduction = current_map(root, key)
        if reduction is None:
            return done
        change = _read_change(reduction, told)
        if change is None:
            return done
        written = _write(reduction, change)
        if written is not None:
            return written
    # Others brought the map up to date each time.
    return done


@dataclass(frozen=True, slots=True)
class _Change:
    """What happened to a set between two revisions, and what a map makes of it."""

    revision: int
    unit_ids: NDArray[np.int64]
    placed_ids: NDArray[np.int64]
    places: Places
    zero: int


def _read_change(reduction: Reduction, told: Callable[[int, int], None]) -> _Change | None:
    """None when the map is up to date."""
    sets = VectorSet.objects.filter(root=reduction.root_id, key=reduction.key_id)
    vector_set = sets.first()
    before = reduction.placed_revision or 0
    if vector_set is None or vector_set.revision <= before:
        return None
    vectors = _Vectors(reduction.root_id, reduction.key, vector_set.revision)
    changed = changed_units(vector_set.pk, after=before, up_to=vectors.revision)
    if before < vector_set.history_from:
        # Old changes are forgotten: what came and went shows, what changed its vector does not.
        on_map = all_points(reduction).unit_ids
        changed = np.union1d(changed, np.setxor1d(vectors.all_ids(), on_map))
    skip_zero = reduction.key.metric == Metric.COSINE
    ids, values, norms = vectors.of(changed)
    if skip_zero:
        ids, values = ids[norms > 0], values[norms > 0]
    laid_out = laid_out_points(reduction).without(changed)
    batches = []
    for start in range(0, len(ids), _BATCH):
        told(start, len(ids))
        batch = values[start : start + _BATCH]
        anchors = vectors.anchors(laid_out, skip_zero=skip_zero)
        batches.append(place(batch, anchors, metric=METRICS[Metric(reduction.key.metric)]))
    return _Change(
        revision=vectors.revision,
        unit_ids=changed,
        placed_ids=ids,
        places=_joined(batches),
        zero=vectors.zero if skip_zero else 0,
    )


def _joined(batches: list[Places]) -> Places:
    nothing = Places(np.empty((0, 2), np.float32), np.empty(0, np.float32))
    return Places(
        np.concatenate([nothing.points, *(one.points for one in batches)]),
        np.concatenate([nothing.distances, *(one.distances for one in batches)]),
    )


def _write(reduction: Reduction, change: _Change) -> dict[str, int] | None:
    """Store what a change makes of a map; None when another run was faster."""
    with transaction.atomic():
        share_tree(reduction.root.organisation_id)
        hold_publication(reduction)
        same = Reduction.objects.filter(
            pk=reduction.pk, root=reduction.root_id, placed_revision=reduction.placed_revision
        )
        present = same.ready().first()
        if present is None:
            return None
        removed = remove_points(reduction=present, unit_ids=change.unit_ids)
        first = present.segments[-1] if present.segments else 0
        placed = add_placed_points(
            reduction=present,
            unit_ids=change.placed_ids,
            places=change.places,
            first_ordinal=first,
        )
        if placed:
            present.segments = _with_segment(present.segments, first + len(change.placed_ids))
        present.placed_revision = change.revision
        present.left_out = change.zero
        present.point_count = present.points.count()
        present.updated_at = timezone.now()
        present.save(
            update_fields=["segments", "placed_revision", "left_out", "point_count", "updated_at"]
        )
        renew_parts(present)
    return {"placed": placed, "removed": max(0, removed - placed)}


def _with_segment(ends: list[int], end: int) -> list[int]:
    """One more part; many small ones become one, behind the layout itself."""
    return [*ends, end] if len(ends) < _MOST_SEGMENTS else [*ends[:1], end]


class _Vectors:
    """The set's vectors at one revision: from its matrix file, or without one from PostgreSQL."""

    def __init__(self, root_id: UUID, key: MetadataKey, revision: int) -> None:
        self._root_id = root_id
        self._key = key
        self._view: MatrixView | None = open_matrix(root_id=root_id, key=key)
        self.revision = self._view.revision if self._view else revision
        self.zero = 0

    def all_ids(self) -> NDArray[np.int64]:
        """Ids of all units that have a vector, ascending."""
        if self._view is not None:
            return self._view.unit_ids
        none = np.empty(0, dtype=np.int64)
        return np.concatenate([none, *(part.unit_ids for part in self._stream())])

    def of(
        self, unit_ids: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float64]]:
        """Ids, vectors and norms of those of the units that have one."""
        if self._view is not None:
            self.zero = int((self._view.norms == 0).sum())
            numbers = np.flatnonzero(np.isin(self._view.unit_ids, unit_ids))
            rows = self._view.rows(numbers)
            return self._view.unit_ids[numbers], rows, self._view.norms[numbers]
        ids, values, norms = [], [], []
        for part in self._stream():
            own = np.isin(part.unit_ids, unit_ids)
            ids.append(part.unit_ids[own])
            values.append(part.values[own])
            norms.append(part.norms[own])
            self.zero += int((part.norms == 0).sum())
        if not ids:
            none = np.empty((0, self._key.dimensions or 1), dtype=np.float32)
            return np.empty(0, dtype=np.int64), none, np.empty(0)
        return np.concatenate(ids), np.concatenate(values), np.concatenate(norms)

    def anchors(self, laid_out: LaidOut, *, skip_zero: bool) -> Iterator[Anchors]:
        """Vectors of units on the map, with their points."""
        for ids, norms, values in self._blocks():
            places, known = laid_out.find(ids)
            if skip_zero:
                known &= norms > 0
            if known.any():
                yield Anchors(values[known], laid_out.points[places[known]])

    def _blocks(
        self,
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float32]]]:
        if self._view is None:
            for part in self._stream():
                yield part.unit_ids, part.norms, part.values
            return
        start = 0
        for values in self._view.blocks():
            rows = slice(start, start + len(values))
            yield self._view.unit_ids[rows], self._view.norms[rows], values
            start = rows.stop

    def _stream(self) -> Any:
        return stream_set(
            root_id=self._root_id, key_id=self._key.pk, dimensions=self._key.dimensions or 1
        )
