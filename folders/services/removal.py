"""Takes hidden folders apart: units with their vectors, files, items, then the folders themselves.

The job works in batches, each a transaction of its own, from the leaves to the folder. It looks at
what is left and keeps no notes, so a run that was killed is simply begun again. Files go before
their items: an item that is gone could not tell any more which files were its own. Nobody can stop
it half-way, since what was deleted is deleted; `resume_removals` begins jobs anew that ended early.
"""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Now

from accounts.actor import Actor
from core.jobs import JobCancelled, JobRun
from core.models import Job
from core.services.jobs import enqueue_job
from folders import hooks
from folders.constants import BATCH_SIZE
from folders.models import Folder, Import, Item, Unit, UnitCount
from folders.services.following import follow
from folders.services.locks import share_tree
from folders.storage import remove_item_files

REMOVE_JOB_KIND = "folders.remove_folder"
# What one request takes away by itself, in well under a second.
_SMALL_UNITS = 1000
_SMALL_FOLDERS = 100
# Storages answer slowly, and to several at once as fast as to one.
_FILE_THREADS = 8


def is_small(folder_ids: list[UUID]) -> bool:
    """Whether the folders, together, may be deleted within a request."""
    if len(folder_ids) > _SMALL_FOLDERS:
        return False
    units = Unit.objects.filter(folder__in=folder_ids).order_by()[: _SMALL_UNITS + 1]
    items = Item.objects.filter(folder__in=folder_ids).order_by()[: _SMALL_UNITS + 1]
    return max(units.count(), items.count()) <= _SMALL_UNITS


def request_removal(*, actor: Actor, folder: Folder) -> Job:
    """Have a worker remove a folder that has just been hidden."""
    return _enqueue(folder, actor.user.pk)


def resume_removals() -> int:
    """Begin the removal of hidden folders that no job works on; return how many.

    These are folders whose job ended early, and items that were set aside and not restored.
    """
    hidden = Folder.everything.filter(deleted_at__lte=Now())
    tops = hidden.filter(Q(parent=None) | Q(parent__deleted_at=None))
    working = Job.objects.active().filter(kind=REMOVE_JOB_KIND)
    busy = set(working.values_list("payload__folder", flat=True))
    left = [folder for folder in tops if str(folder.pk) not in busy]
    return sum(_begin(folder) for folder in left)


def remove_folder(run: JobRun) -> dict[str, int]:
    """Remove a hidden folder and all below it; the job's handler."""
    folder = Folder.everything.filter(pk=run.payload["folder"], deleted_at__isnull=False).first()
    if folder is None:
        return {"units": 0}
    # Children before their parents.
    below = Folder.everything.below(folder).order_by("-path")
    ids = list(below.values_list("pk", flat=True))
    _let_go(ids)
    counted = UnitCount.objects.filter(folder__in=ids).aggregate(units=Sum("units"))
    total, done = max(0, counted["units"] or 0), 0
    for batch in _units_of(ids):
        _tell(run, done, total)
        _remove_units(batch)
        done += len(batch)
    for folder_id in ids:
        for items in _items_of(folder_id):
            _tell(run, done, total)
            remove_files_of(items)
            with transaction.atomic():
                remove_item_rows(Item.objects.filter(pk__in=items))
    for start in range(0, len(ids), BATCH_SIZE):
        _tell(run, done, total)
        remove_folders(ids[start : start + BATCH_SIZE])
    _tell(run, done, total)
    return {"units": done, "folders": len(ids)}


@transaction.atomic
def _begin(folder: Folder) -> bool:
    """Begin the removal of a folder that is still there."""
    share_tree(folder.organisation_id)
    there = Folder.everything.filter(pk=folder.pk, deleted_at__lte=Now()).exists()
    if there:
        _enqueue(folder, None)
    return there


def remove_item_rows(items: QuerySet[Item]) -> list[UUID]:
    """Delete items and their parts in batches, within the caller's transaction; return the ids."""
    deleted: list[UUID] = []
    # Items before units, in the order of ids, as imports lock them: else both wait for each other.
    ordered = items.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)
    while batch := list(ordered[:BATCH_SIZE]):
        parts = Item.objects.filter(parent__in=batch).order_by("pk")
        batch += parts.select_for_update(of=("self",)).values_list("pk", flat=True)
        _announce(Unit.objects.filter(item__in=batch))
        Item.objects.filter(pk__in=batch).delete()
        deleted += batch
    return list(dict.fromkeys(deleted))


def remove_folders(folder_ids: list[UUID]) -> None:
    """Delete folders that hold nothing any more, with what the apps above keep of them."""
    with transaction.atomic():
        hooks.before_folders_removed(folder_ids)
        _drop_import_files(folder_ids)
        Folder.everything.filter(pk__in=folder_ids).delete()


def _drop_import_files(folder_ids: list[UUID]) -> None:
    """Delete what the storage keeps of imports into the folders, when the transaction commits."""
    columns = ("storage_key", "side_key", "items_key", "errors_key", "late_errors_keys")
    for row in Import.objects.filter(folder__in=folder_ids).only(*columns):
        for key in filter(None, [row.storage_key, row.side_key, row.items_key, *row.error_files]):
            transaction.on_commit(partial(default_storage.delete, key), robust=True)


def remove_files_of(item_ids: list[UUID]) -> None:
    """Delete the files of several items."""
    with ThreadPoolExecutor(_FILE_THREADS) as pool:
        # The results are asked for so that what went wrong is raised here.
        list(pool.map(remove_item_files, item_ids))


def _enqueue(folder: Folder, user_id: UUID | None) -> Job:
    return enqueue_job(
        organisation_id=folder.organisation_id,
        user_id=user_id,
        kind=REMOVE_JOB_KIND,
        title=f"Removing {folder.name}",
        payload={"folder": str(folder.pk)},
        folder_id=folder.parent_id,
        idempotency_key=str(folder.pk),
    )


def _let_go(folder_ids: list[UUID]) -> None:
    """Units that are still to follow a folder out of here do so now: they must not go along."""
    for moving in Folder.objects.filter(moved_from__in=folder_ids):
        follow(moving)


def _units_of(folder_ids: list[UUID]) -> Iterator[list[int]]:
    """Ids of the folders' units, in batches."""
    batch: list[int] = []
    for folder_id in folder_ids:
        last = 0
        while found := list(
            Unit.objects.filter(folder=folder_id, pk__gt=last)
            .order_by("pk")
            .values_list("pk", flat=True)[: BATCH_SIZE - len(batch)]
        ):
            last = found[-1]
            batch += found
            if len(batch) == BATCH_SIZE:
                yield batch
                batch = []
    if batch:
        yield batch


def _items_of(folder_id: UUID) -> Iterator[list[UUID]]:
    """Ids of a folder's items, in batches; parts come first, a whole would take all of its own."""
    here = Item.objects.filter(folder=folder_id).order_by("created_at", "pk")
    for of_kind in (here.filter(parent__isnull=False), here.filter(parent=None)):
        while found := list(of_kind.values_list("pk", flat=True)[:BATCH_SIZE]):
            yield found


@transaction.atomic
def _remove_units(unit_ids: list[int]) -> None:
    units = Unit.objects.filter(pk__in=unit_ids)
    # Locked in the order of ids, as all do.
    list(units.order_by("pk").select_for_update().values_list("pk", flat=True))
    _announce(units)
    units.delete()


def _announce(units: QuerySet[Unit]) -> None:
    """Tell the apps above which units of which root are about to go."""
    by_root: dict[UUID, list[int]] = {}
    for root, unit in units.order_by("root", "pk").values_list("root", "pk"):
        by_root.setdefault(root, []).append(unit)
    for root, unit_ids in by_root.items():
        hooks.before_units_removed(unit_ids, root)


def _tell(run: JobRun, done: int, total: int) -> None:
    # What was deleted is deleted: a wish to stop comes too late.
    with contextlib.suppress(JobCancelled):
        run.progress(done=min(done, total), total=total, step="Removing what the folder held")
