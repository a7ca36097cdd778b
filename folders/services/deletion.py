"""The end of items and folders, without orphans: rows, vectors, files."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from core.errors import NotAllowed, NotFound
from core.jobs import JobRun
from core.services import audit
from core.services.jobs import enqueue_job
from folders import hooks
from folders.choices import FolderRole
from folders.constants import BATCH_SIZE
from folders.models import Folder, Item, Unit
from folders.permissions import require_role
from folders.services.locks import own_tree, share_tree
from folders.storage import remove_item_files

FILES_JOB_KIND = "folders.remove_files"
# Files of so many items are removed on commit by the process itself; more by a job.
_REMOVED_AT_ONCE = 20


@transaction.atomic
def delete_items(*, actor: Actor, item_ids: Iterable[UUID]) -> int:
    """Delete items with their units, metadata, vectors and files; return how many.

    Raises:
        NotAllowed: the actor sees all the items, but may not edit each of their folders.
        NotFound: one of the items does not exist, or the actor may not see it.
    """
    wanted = set(item_ids)
    share_tree(actor.organisation_id)
    seen = Item.objects.visible_to(actor).filter(pk__in=wanted)
    if seen.count() < len(wanted):
        raise NotFound("One of the items does not exist, or you have no access to it.")
    if Item.objects.visible_to(actor, FolderRole.EDITOR).filter(pk__in=wanted).count() < len(
        wanted
    ):
        raise NotAllowed("This takes the role “Editor” on the folders of all the items.")
    counts: dict[UUID, int] = {}
    for folder_id in seen.values_list("folder", flat=True):
        counts[folder_id] = counts.get(folder_id, 0) + 1
    deleted = _delete_items(Item.objects.filter(pk__in=wanted))
    for folder in Folder.objects.filter(pk__in=counts):
        data = {"items": counts[folder.pk]}
        audit.record(actor=actor, action="items.deleted", target=folder, data=data)
    _remove_files(actor, deleted)
    return len(deleted)


@transaction.atomic
def delete_folder(*, actor: Actor, folder: Folder) -> None:
    """Delete a folder with all that it holds.

    Raises:
        NotAllowed: the actor does not administer the folder.
    """
    # Nobody may write below the folder meanwhile.
    own_tree(actor.organisation_id)
    require_role(actor, folder, FolderRole.ADMIN)
    folder = Folder.objects.get(pk=folder.pk)
    below = Folder.objects.below(folder)
    deleted = _delete_items(Item.objects.filter(folder__in=below))
    data = {"name": folder.name, "items": len(deleted)}
    audit.record(actor=actor, action="folder.deleted", target=folder, data=data)
    folder.delete()
    _remove_files(actor, deleted)


def remove_files(run: JobRun) -> None:
    """Remove the files of items that are gone; the job's handler."""
    item_ids = run.payload["items"]
    for done, item_id in enumerate(item_ids):
        run.progress(done=done, total=len(item_ids))
        remove_item_files(UUID(item_id))
    run.progress(done=len(item_ids))


def _delete_items(items: QuerySet[Item]) -> list[UUID]:
    """Delete in batches; return the ids."""
    deleted: list[UUID] = []
    # Items before units, in the order of ids, as imports lock them: else both wait for each other.
    ordered = items.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)
    while batch := list(ordered[:BATCH_SIZE]):
        _announce(batch)
        Item.objects.filter(pk__in=batch).delete()
        deleted += batch
    return deleted


def _announce(item_ids: list[UUID]) -> None:
    """Tell the apps above which units of which root are about to go."""
    by_root: dict[UUID, list[int]] = {}
    units = Unit.objects.filter(item__in=item_ids).order_by("root", "pk")
    for root, unit in units.values_list("root", "pk"):
        by_root.setdefault(root, []).append(unit)
    for root, unit_ids in by_root.items():
        hooks.before_units_removed(unit_ids, root)


def _remove_files(actor: Actor, item_ids: list[UUID]) -> None:
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
