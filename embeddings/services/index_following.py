"""Keeps indexes in step with their vector sets.

Searches read beside an index what has changed since its revision, so that it may lag behind; a job
writes changes into it when they are many. A graph that has seen too many of them is built anew.
Whatever is written is what the set holds now: a run may be killed at any line and run again, and
two may overlap.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import F

from core.models import Job
from core.services.jobs import enqueue_job
from embeddings.choices import IndexState
from embeddings.indexes.rows import write_vectors
from embeddings.indexes.table import drop_table, remove_rows
from embeddings.matrix_files.source import changed_units, stream_units
from embeddings.models import VectorIndex, VectorSet
from embeddings.services.indexes import active_build, enqueue_build
from embeddings.services.vector_sets import SetName
from folders.choices import Metric

FOLLOW = "embeddings.follow_changes"
# Fewer changes are left to searches, and to the round that tends all indexes.
_MANY_CHANGES = 500
# Written in one transaction: a second or two, at some 300 rows a second.
_BATCH = 500
# Beyond this share of changed rows the graph is built anew, which is also quicker then: inserting
# a row takes four times as long as building it.
_STALE = 0.2
_FEW_ROWS = 1000


def request_following(name: SetName) -> Job | None:
    """Have many changes of a set written into its index.

    Called after each commit that changed the set.
    """
    root_id, key_id = name
    ready = VectorIndex.objects.filter(state=IndexState.READY)
    index = ready.filter(vector_set__root=root_id, vector_set__key=key_id).first()
    if index is None or not _lags_by(index, _MANY_CHANGES):
        return None
    return _enqueue(index.vector_set)


def tend_indexes() -> None:
    """Have all indexes follow that lag behind, and end builds whose jobs have ended."""
    ready = VectorIndex.objects.filter(state=IndexState.READY, vector_set__key__deleted_at=None)
    for index in ready.filter(vector_set__revision__gt=F("revision")):
        _enqueue(index.vector_set)
    building = VectorIndex.objects.filter(state=IndexState.BUILDING).select_related("job")
    for index in building:
        if index.job is None or not index.job.is_active:
            _end(index)


def carry_out_following(set_id: int, *, told: Callable[[int, int], None]) -> dict[str, Any]:
    """Write into a set's index what has changed, or have it built anew; the job's handler.

    Returns:
        How many units were `written`, and whether the index is `rebuilt`.
    """
    sets = VectorSet.objects.select_related("root", "key")
    vector_set = sets.filter(pk=set_id).first()
    if vector_set is None or vector_set.key.deleted_at is not None:
        return {}
    index = vector_set.indexes.filter(state=IndexState.READY).first()
    if index is None:
        return {}
    if _is_stale(index, vector_set):
        return {"written": 0, "rebuilt": _rebuild(vector_set)}
    return {"written": bring_up_to_date(index, told=told), "rebuilt": False}


def bring_up_to_date(index: VectorIndex, *, told: Callable[[int, int], None]) -> int:
    """Write the present vectors of all units that have changed since the index's revision.

    Its revision is raised at the end: until then searches look at all of these units anyway.
    """
    vector_set = VectorSet.objects.select_related("key").get(pk=index.vector_set_id)
    upto = vector_set.revision
    changed = changed_units(vector_set.pk, after=index.revision, up_to=upto)
    for start in range(0, len(changed), _BATCH):
        told(start, len(changed))
        _write(index, vector_set, changed[start : start + _BATCH])
    VectorIndex.objects.filter(pk=index.pk, revision__lt=upto).update(
        revision=upto, changed=F("changed") + len(changed)
    )
    index.revision = max(index.revision, upto)
    return len(changed)


def _write(index: VectorIndex, vector_set: VectorSet, unit_ids: np.ndarray[Any, Any]) -> None:
    """Replace the rows of some units; the lock keeps two runs from writing the same ones."""
    with transaction.atomic():
        there = VectorIndex.objects.select_for_update().filter(pk=index.pk)
        if not there.exists():
            return
        change = -remove_rows(index, unit_ids)
        for vectors in stream_units(
            root_id=vector_set.root_id,
            key_id=vector_set.key_id,
            dimensions=index.dimensions,
            unit_ids=unit_ids,
        ):
            change += write_vectors(index, vectors, Metric(vector_set.key.metric))
        there.update(rows=F("rows") + change)


def _is_stale(index: VectorIndex, vector_set: VectorSet) -> bool:
    """Whether the index is to be built anew: by changes, or as its history is forgotten."""
    if index.revision < vector_set.history_from:
        return True
    most = max(_FEW_ROWS, int(_STALE * index.rows))
    return _lags_by(index, most - index.changed)


def _rebuild(vector_set: VectorSet) -> bool:
    """Whether it is being built; one that failed is left to administrators."""
    with transaction.atomic():
        VectorSet.objects.select_for_update(no_key=True).get(pk=vector_set.pk)
        if vector_set.indexes.filter(state=IndexState.FAILED).exists():
            return False
        if active_build(vector_set) is None:
            enqueue_build(vector_set)
    return True


def _lags_by(index: VectorIndex, count: int) -> bool:
    """Whether there were at least so many changes since the index's revision."""
    if count <= 0:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM embeddings_vectorchange"
            " WHERE vector_set_id = %s AND revision > %s LIMIT %s) AS later",
            [index.vector_set_id, index.revision, count],
        )
        return int(cursor.fetchone()[0]) >= count


def _enqueue(vector_set: VectorSet) -> Job:
    root = vector_set.root
    return enqueue_job(
        organisation_id=root.organisation_id,
        user_id=None,
        kind=FOLLOW,
        title=f"Indexing vectors of {vector_set.key.name} in {root.name}",
        payload={"set": vector_set.pk},
        folder_id=root.pk,
        idempotency_key=str(vector_set.pk),
    )


def _end(index: VectorIndex) -> None:
    """A build whose job ended without a word: it was cancelled early, or lost too often."""
    job = index.job
    with transaction.atomic():
        drop_table(index)
        if job is None or not job.error_message:
            index.delete()
            return
        index.state, index.error = IndexState.FAILED, job.error_message
        index.save(update_fields=["state", "error"])
