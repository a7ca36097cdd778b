"""Moves of folders and items.

A folder goes to its new place at once, with the grants on it; what holds for its new place by
grants from above begins to hold, what held for the old one ends. Within a root nothing else
changes. Between roots

- units go along with their metadata and vectors: gone from the vector sets of the old root, new in
  those of the new one;
- collections belong to a root: units that leave it leave its collections, whose recipes say so;
- maps belong to a root: units that leave it leave its maps, which say how many have left, and count
  as not placed yet on the maps of the new root;
- a root folder that goes below another folder takes its collections and presets to the new root
  (under another name where the name is taken there), with all their units, and its embedding keys
  and maps as far as the new root has none for the same key; otherwise the new root's stay as they
  are, and the maps of the absorbed one go.

Some thousand units follow in the same transaction; more by a job (folders.services.following).
"""

import contextlib
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, TextField, Value
from django.db.models.functions import Concat, Length, Substr

from accounts.actor import Actor
from core.errors import Conflict
from core.jobs import JobCancelled, JobRun
from core.models import Job
from core.services import audit
from core.services.jobs import enqueue_job
from folders import hooks
from folders.choices import FolderRole
from folders.constants import BATCH_SIZE
from folders.models import Folder, FolderGrant, Item, Unit
from folders.permissions import require_role
from folders.services.deletion import editable_items
from folders.services.folders import reload_folder, require_depth, require_membership
from folders.services.following import Effects, follow_in_batches, move_units, moving_near
from folders.services.locks import own_tree, share_tree

FOLLOW_JOB_KIND = "folders.follow"
# Units that follow within the request: about a second's work when they have vectors.
_UNITS_AT_ONCE = 2 * BATCH_SIZE


@transaction.atomic
def move_folder(
    *, actor: Actor, folder: Folder, parent: Folder | None, effects: Effects | None = None
) -> Folder:
    """Put the folder, with all it holds, below another folder, or make it a root folder.

    Grants above the old place end to hold for it and those above the new one begin to, so this
    takes the role admin on the folder.

    Args:
        actor: who moves.
        folder: what is moved.
        parent: its new parent, None for the top.
        effects: counts what happened to the old root, as far as it happened at once.

    Returns:
        The folder in its new place; its `moved_from` is set while units are still to follow.

    Raises:
        Conflict: the new parent lies below the folder, or units of an earlier move are still on
            their way.
        InvalidInput: the tree would get too deep.
        NotAllowed: the actor does not administer the folder, or may not edit the parent.
        NotFound: the folder or the parent has just been deleted.
    """
    own_tree(actor.organisation_id)
    folder = reload_folder(folder)
    require_role(actor, folder, FolderRole.ADMIN)
    if parent is None:
        require_membership(actor)
    else:
        parent = reload_folder(parent)
        require_role(actor, parent, FolderRole.EDITOR)
        if parent.path.startswith(folder.path):
            raise Conflict("A folder cannot be moved below itself.", code="folder_below_itself")
    old_parent = folder.parent_id
    if old_parent == (parent.pk if parent else None):
        return folder
    _require_settled(folder)
    _change_place(actor, folder, parent, effects)
    audit.record(
        actor=actor,
        action="folder.moved",
        target=folder,
        data={"from": str(old_parent or ""), "to": str(folder.parent_id or "")},
    )
    return folder


@transaction.atomic
def move_items(
    *, actor: Actor, item_ids: Iterable[UUID], folder: Folder, effects: Effects | None = None
) -> int:
    """Put items, with their parts and units, into a folder; return how many were elsewhere.

    Raises:
        Conflict: one of them is a part of a group or sequence, which moves with its whole only.
        NotAllowed: the actor may not edit the folder, or that of an item.
        NotFound: one of the items does not exist, or the actor may not see it; or the folder has
            just been deleted.
    """
    share_tree(actor.organisation_id)
    folder = reload_folder(folder)
    require_role(actor, folder, FolderRole.EDITOR)
    wanted = set(item_ids)
    going = Item.objects.visible_to(actor).filter(pk__in=wanted)
    # Locked before the roles are looked at, so that nobody takes an item elsewhere in between.
    locked = list(
        Item.objects.filter(Q(pk__in=going) | Q(parent__in=going))
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", "folder")
    )
    counts = editable_items(actor, wanted)
    counts.pop(folder.pk, None)
    ids = [item_id for item_id, folder_id in locked if folder_id != folder.pk]
    Item.objects.filter(pk__in=ids).update(folder=folder)
    _rehouse_units(ids, folder, effects if effects is not None else Effects())
    for old in Folder.objects.filter(pk__in=counts):
        data = {"items": counts[old.pk], "to": str(folder.pk)}
        audit.record(actor=actor, action="items.moved", target=old, data=data)
    return sum(counts.values())


def follow_folder(run: JobRun) -> dict[str, int]:
    """Take the units of a moved folder along; the job's handler."""
    folder = Folder.objects.filter(pk=run.payload["folder"], moved_from__isnull=False).first()
    if folder is None:
        return {}
    effects = Effects(run.checkpoint)
    below = Folder.everything.below(folder)
    total, done = Unit.objects.filter(folder__in=below).count(), 0
    for units in follow_in_batches(folder, effects):
        done += units
        # The folder is in its new place: a wish to stop comes too late.
        with contextlib.suppress(JobCancelled):
            run.progress(
                done=min(done, total), total=total, step="Moving units", checkpoint=dict(effects)
            )
    return dict(effects)


def job_of_move(folder: Folder) -> Job | None:
    """The job that takes the folder's units along, None when all are there."""
    if folder.moved_from is None:
        return None
    jobs = Job.objects.active().filter(kind=FOLLOW_JOB_KIND, payload__folder=str(folder.pk))
    return jobs.first()


def resume_moves() -> int:
    """Begin anew what is left of moves whose job ended early; return how many."""
    working = Job.objects.active().filter(kind=FOLLOW_JOB_KIND)
    busy = set(working.values_list("payload__folder", flat=True))
    moving = Folder.objects.filter(moved_from__isnull=False)
    left = [folder for folder in moving if str(folder.pk) not in busy]
    for folder in left:
        _enqueue(folder, None)
    return len(left)


def _change_place(
    actor: Actor, folder: Folder, parent: Folder | None, effects: Effects | None
) -> None:
    """Change the tree; take the units along when they are few, else have a job do it."""
    old_root = folder.root_id
    _move_subtree(folder, parent)
    folder.refresh_from_db()
    if parent is None:
        FolderGrant.objects.get_or_create(
            folder=folder, user=actor.user, defaults={"role": FolderRole.ADMIN}
        )
    if folder.root_id == old_root:
        return
    if folder.pk == old_root:
        # Before the units: those of collections that go along do not leave them.
        hooks.on_root_absorbed(folder, folder.root)
    # Units of folders that a job is removing go along: they still name the old root.
    units = Unit.objects.filter(folder__in=Folder.everything.below(folder)).order_by()
    few = list(units.values_list("pk", flat=True)[: _UNITS_AT_ONCE + 1])
    if len(few) <= _UNITS_AT_ONCE:
        move_units(few, Effects() if effects is None else effects)
        return
    folder.moved_from = old_root
    folder.save(update_fields=["moved_from"])
    _enqueue(folder, actor.user.pk)


def _require_settled(folder: Folder) -> None:
    """Refuse to move what is on its way, or holds or lies in something that is."""
    for moving in moving_near(folder):
        raise Conflict(
            f"“{moving.name}” is still being moved. Try again when its job has ended.",
            code="still_moving",
        )


def _move_subtree(folder: Folder, parent: Folder | None) -> None:
    """Give the folder and its descendants their new paths and root, in one statement each."""
    # Folders that a job is removing go along: they are found by their path.
    below = Folder.everything.below(folder)
    deepest = below.aggregate(longest=Max(Length("path")))["longest"]
    prefix = parent.path if parent else "/"
    levels = (deepest - len(folder.path)) // (len(folder.id.hex) + 1)
    require_depth((parent.depth + 1 if parent else 0) + levels)
    root = parent.root_id if parent else folder.pk
    # A path shorter by the segments of the old parents, longer by those of the new.
    kept_from = len(folder.path) - len(folder.id.hex)
    Folder.objects.filter(pk=folder.pk).update(parent=parent, root=root)
    below.update(
        root=root,
        path=Concat(Value(prefix), Substr("path", kept_from), output_field=TextField()),
    )


def _rehouse_units(item_ids: list[UUID], folder: Folder, effects: Effects) -> None:
    """Give the items' units their folder, then the root of it."""
    last = 0
    units = Unit.objects.filter(item__in=item_ids).order_by("pk")
    while batch := list(
        units.filter(pk__gt=last)
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)[:BATCH_SIZE]
    ):
        last = batch[-1]
        Unit.objects.filter(pk__in=batch).update(folder=folder)
        move_units(batch, effects)


def _enqueue(folder: Folder, user_id: UUID | None) -> Job:
    return enqueue_job(
        organisation_id=folder.organisation_id,
        user_id=user_id,
        kind=FOLLOW_JOB_KIND,
        title=f"Moving {folder.name}",
        payload={"folder": str(folder.pk)},
        folder_id=folder.pk,
        idempotency_key=str(folder.pk),
    )
