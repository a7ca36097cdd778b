"""The end of items and folders, without orphans: rows, vectors, files.

What is small goes at once, in the transaction of the request. A larger folder is hidden at once,
with all below it, and emptied by a job: `Folder.deleted_at` takes it out of `Folder.objects`, from
which every read and write starts, so that nothing of it is to be seen or changed from the moment
that the request ends, however long the removal takes. See folders.services.removal for the job.
"""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from core.errors import Conflict, NotAllowed, NotFound
from core.jobs import JobRun
from core.models import Job
from core.services import audit
from core.services.jobs import enqueue_job, request_cancel
from folders.choices import FolderRole
from folders.constants import BATCH_SIZE
from folders.models import Folder, Item
from folders.permissions import require_role
from folders.services.locks import own_tree, share_tree
from folders.services.removal import (
    REMOVE_JOB_KIND,
    is_small,
    remove_folders,
    remove_item_rows,
    request_removal,
)
from folders.storage import remove_item_files

FILES_JOB_KIND = "folders.remove_files"
# Files of so many items are removed on commit by the process itself; more by a job.
_REMOVED_AT_ONCE = 20


@transaction.atomic
def delete_items(*, actor: Actor, item_ids: Iterable[UUID]) -> int:
    """Delete items with their parts, units, metadata, vectors and files; return how many.

    Raises:
        Conflict: one of them is a part of a group or sequence, which goes with its whole only.
        NotAllowed: the actor sees all the items, but may not edit each of their folders.
        NotFound: one of the items does not exist, or the actor may not see it.
    """
    wanted = set(item_ids)
    share_tree(actor.organisation_id)
    counts = editable_items(actor, wanted)
    deleted = remove_item_rows(Item.objects.filter(pk__in=wanted))
    for folder in Folder.objects.filter(pk__in=counts):
        data = {"items": counts[folder.pk]}
        audit.record(actor=actor, action="items.deleted", target=folder, data=data)
    drop_files(actor, deleted)
    return len(wanted)


def editable_items(actor: Actor, wanted: set[UUID]) -> dict[UUID, int]:
    """How many of the items lie in which folder (id); the actor may edit each of these.

    Raises:
        Conflict, NotAllowed, NotFound: as delete_items.
    """
    seen = list(
        Item.objects.visible_to(actor).filter(pk__in=wanted).values_list("folder", "parent")
    )
    if len(seen) < len(wanted):
        raise NotFound("One of the items does not exist, or you have no access to it.")
    counts: dict[UUID, int] = {}
    for folder_id, _ in seen:
        counts[folder_id] = counts.get(folder_id, 0) + 1
    editable = Folder.objects.visible_to(actor, FolderRole.EDITOR).filter(pk__in=counts)
    if editable.count() < len(counts):
        raise NotAllowed("This takes the role “Editor” on the folders of all the items.")
    if any(parent for _, parent in seen):
        raise Conflict(
            "A picture of a group or sequence stays with it. Choose the group or sequence.",
            code="part_of_a_whole",
        )
    return counts


@transaction.atomic
def delete_folder(*, actor: Actor, folder: Folder) -> Job | None:
    """Delete a folder with all that it holds; nobody sees any of it from now on.

    Returns:
        The job that removes what the folder holds, None when everything is gone already.

    Raises:
        NotAllowed: the actor does not administer the folder.
        NotFound: the folder has just been deleted.
    """
    # Nobody may write below the folder meanwhile; and whoever has begun has finished.
    own_tree(actor.organisation_id)
    found = Folder.objects.filter(pk=folder.pk).first()
    if found is None:
        raise NotFound("There is no such folder.")
    require_role(actor, found, FolderRole.ADMIN)
    audit.record(actor=actor, action="folder.deleted", target=found, data={"name": found.name})
    below = Folder.objects.below(found)
    ids = list(below.values_list("pk", flat=True))
    _cancel_work(ids)
    # What is being removed below it goes with it, whatever there still is of that.
    removing = Folder.everything.below(found).filter(deleted_at__isnull=False)
    if is_small(ids) and not removing.exists():
        deleted = remove_item_rows(Item.objects.filter(folder__in=ids))
        remove_folders(ids)
        drop_files(actor, deleted)
        return None
    below.update(deleted_at=timezone.now())
    return request_removal(actor=actor, folder=found)


def remove_files(run: JobRun) -> None:
    """Remove the files of items that are gone; the job's handler."""
    item_ids = run.payload["items"]
    for done, item_id in enumerate(item_ids):
        run.progress(done=done, total=len(item_ids))
        remove_item_files(UUID(item_id))
    run.progress(done=len(item_ids))


def _cancel_work(folder_ids: list[UUID]) -> None:
    """Stop the jobs that read or fill the folders; nobody is waiting for them any more."""
    for job in Job.objects.active().filter(folder_id__in=folder_ids).exclude(kind=REMOVE_JOB_KIND):
        request_cancel(job=job)


def drop_files(actor: Actor, item_ids: list[UUID]) -> None:
    """Remove the files of items whose rows go with this transaction: on commit, or by a job."""
    if len(item_ids) <= _REMOVED_AT_ONCE:
        for item_id in item_ids:
            transaction.on_commit(partial(remove_item_files, item_id), robust=True)
        return
    for start in range(0, len(item_ids), BATCH_SIZE):
        batch = item_ids[start : start + BATCH_SIZE]
        enqueue_job(
            organisation_id=actor.organisation_id,
            user_id=actor.user.pk,
            kind=FILES_JOB_KIND,
            title=f"Removing files of {len(batch):,} deleted items",
            payload={"items": [str(item_id) for item_id in batch]},
        )
