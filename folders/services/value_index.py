"""Brings the index of typed values (folders.models.IndexedValue) up to a changed schema.

Triggers on the units' table keep the rows of all live keys. What they cannot know is what was there
before: values older than their key, or than its type. A job enters those in batches, and removes
the rows of deleted keys. Whenever a key changes in a way that matters here, its `index_revision`
is raised and `indexed_at` set to null, in the transaction of the change; the job sets `indexed_at`
again if the revision is still the one that it worked for. Until then filters read the JSON.
"""

import time
from collections import Counter
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from psycopg import errors

from accounts.actor import Actor
from core.jobs import JobRun
from core.models import Job, JobState
from core.services.jobs import enqueue_job
from folders.choices import KeyType
from folders.filters.indexed import INDEXED_TYPES, value_column
from folders.models import Folder, IndexedValue, MetadataKey
from folders.services import value_rows

JOB_KIND = "folders.index_values"

_UNITS_PER_BATCH = 10_000
_PAUSE_SECONDS = 0.3


def request_indexing(*, actor: Actor) -> Job:
    """Have a worker bring the index up to the schema; call it after each change of a key.

    A job that waits in the queue does for this change, too: locked, it cannot begin before this
    transaction ends.
    """
    queued = Job.objects.filter(
        organisation=actor.organisation, kind=JOB_KIND, state=JobState.QUEUED
    )
    waiting = queued.select_for_update(skip_locked=True).first()
    if waiting is not None and not waiting.cancel_requested:
        return waiting
    return enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=JOB_KIND,
        title="Indexing metadata for filters",
    )


def mark_changed(key: MetadataKey) -> None:
    """Note on a locked, unsaved key that the index does not fit it any more."""
    key.index_revision += 1
    key.indexed_at = None
    key.misfits = None


INDEX_FIELDS = ["index_revision", "indexed_at", "misfits"]
"""What mark_changed changes, for save(update_fields=…)."""


def index_values(run: JobRun) -> dict[str, Any]:
    """Settle all keys of the organisation that wait for it; the job's handler.

    A killed run goes on behind its last batch. Cancelled, the keys stay as they are, right but
    slower, until the next change of the schema.
    """
    keys = _pending(run)
    if not keys:
        return {"keys": 0}
    _wait_for_earlier_writers(run)
    live = [key for key in keys if key.deleted_at is None]
    for key in keys:
        if key not in live or key.type not in INDEXED_TYPES:
            _remove_rows(run, key)
    misfits = _enter_values(run, live) if live else Counter()
    settled = [key for key in keys if _settle(key, misfits[key.pk])]
    return {"keys": len(settled)}


def _pending(run: JobRun) -> list[MetadataKey]:
    """The keys to settle; those of an interrupted run first of all, if they did not change."""
    waiting = MetadataKey.objects.filter(organisation=run.organisation_id, indexed_at=None)
    waiting = waiting.exclude(type=KeyType.EMBEDDING).order_by("pk")
    begun = run.checkpoint.get("keys")
    if begun:
        same = Q(*(Q(pk=pk, index_revision=revision) for pk, revision in begun), _connector=Q.OR)
        waiting = waiting.filter(same)
    return list(waiting)


def _wait_for_earlier_writers(run: JobRun) -> None:
    """Wait for the transactions that may have written units before they could see the keys.

    Their triggers passed the keys over, and their units are not to be seen yet. All that begin to
    write from now on know the keys.
    """
    earlier = _writers()
    while earlier := earlier & _writers():
        run.progress(step="Waiting for imports that are under way")
        time.sleep(_PAUSE_SECONDS)


def _writers() -> set[tuple[int, str]]:
    """Other sessions of the database that have written something, with their transactions."""
    with connection.cursor() as cursor:
        # Inside a transaction PostgreSQL would go on to tell what it told first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT pid, backend_xid::text FROM pg_stat_activity"
            " WHERE backend_xid IS NOT NULL AND backend_type = 'client backend'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return set(cursor.fetchall())


def _remove_rows(run: JobRun, key: MetadataKey) -> None:
    while value_rows.remove(key.pk):
        run.progress(step=f"Clearing the index of {key.name}")


def _enter_values(run: JobRun, keys: list[MetadataKey]) -> Counter[int]:
    """Enter what units hold under the keys, in one pass; returns values that do not fit, by key.

    Misfits of indexed types are counted in the index itself, at the end.
    """
    misfits = Counter({int(pk): n for pk, n in run.checkpoint.get("misfits", {}).items()})
    roots = Folder.everything.filter(organisation=run.organisation_id, parent=None)
    behind = run.checkpoint.get("root", "")
    last, done = run.checkpoint.get("unit", 0), run.checkpoint.get("done", 0)
    for root in sorted(str(pk) for pk in roots.values_list("pk", flat=True)):
        if root < behind:
            continue
        last = last if root == behind else 0
        while (end := value_rows.end_of_batch(UUID(root), last, _UNITS_PER_BATCH)) is not None:
            misfits += _enter_batch(run, keys, UUID(root), last, end.unit_id)
            last, done = end.unit_id, done + end.units
            checkpoint = {
                "keys": [[key.pk, key.index_revision] for key in keys],
                "misfits": {str(pk): n for pk, n in misfits.items()},
                "root": root,
                "unit": last,
                "done": done,
            }
            run.progress(done=done, step="Indexing values", checkpoint=checkpoint)
    return misfits


def _enter_batch(
    run: JobRun, keys: list[MetadataKey], root: UUID, after: int, end: int
) -> Counter[int]:
    """One batch of units, in a transaction of its own, tried until nobody else holds its units.

    It gives up well before PostgreSQL looks for deadlocks: else that might end an import instead.
    """
    while True:
        try:
            with transaction.atomic():
                same = value_rows.lock_keys(keys)
                return value_rows.enter(same, root, after, end) if same else Counter()
        except OperationalError as error:
            if not isinstance(error.__cause__, errors.LockNotAvailable):
                raise
        run.progress(step="Waiting for imports that are under way")
        time.sleep(_PAUSE_SECONDS)


def _settle(key: MetadataKey, misfits: int) -> bool:
    """Mark the key as indexed, unless it was changed meanwhile: then another job is on its way."""
    if key.deleted_at is None and key.type in INDEXED_TYPES:
        misfits = _indexed_misfits(key)
    same = MetadataKey.objects.filter(pk=key.pk, index_revision=key.index_revision)
    columns = {"indexed_at": timezone.now(), "misfits": misfits, "updated_at": timezone.now()}
    return bool(same.update(**columns))


def _indexed_misfits(key: MetadataKey) -> int:
    rows = IndexedValue.objects.filter(key_id=key.pk)
    wrong = Q(**{f"{value_column(key)}__isnull": True})
    if key.type == KeyType.ENUM:
        wrong |= ~Q(word__in=key.values)
    return rows.filter(wrong).count()
