"""One change of many units of a root folder: metadata, place, deletion.

Metadata is a unit's own. What moves or goes are items: a frame or an image of a group takes its
whole along when it moves, and is refused where it would have to be deleted alone.

What is quickly done is done in the transaction of the request, all or nothing. More is a job for
exactly the units that there were at that time, batch by batch, each all or nothing; killed, it goes
on behind the last batch. Deleted items are gone for everybody at once, see folders.services.hiding;
a few may be brought back for a minute.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.actor import Actor
from accounts.models import Organisation
from core.errors import Conflict, InvalidInput, NotFound
from core.jobs import JobRun
from core.models import Job
from core.services.jobs import enqueue_job
from folders.choices import FolderRole
from folders.metadata.frames import ENCORD, frame_key, stored_config
from folders.models import Folder, Item, Unit
from folders.permissions import get_folder, get_root, require_role
from folders.services.bulk import check_values
from folders.services.following import Effects
from folders.services.frame_times import probe_item
from folders.services.hiding import hide_items, restore_items, set_aside
from folders.services.imports import MetadataChange, update_metadata
from folders.services.locks import share_tree
from folders.services.moves import move_items
from folders.services.selected_units import keep_units, kept_units
from folders.unit_selections import UnitSelection, require_editable

UNITS_JOB_KIND = "folders.change_units"
# What one request does by itself, within about a second.
_AT_ONCE = 500
MOST_RESTORED: Final = _AT_ONCE
_BATCHES = {"delete": 5_000, "move": 500, "edit": 500}
# Of units that could not be changed, so many tell why.
_REASONS = 20


@dataclass(frozen=True, slots=True)
class UnitsChanged:
    """What became of a selection: done at once, or left to a job.

    Attributes:
        count: units whose metadata changed; items that moved or went; for a job, units to come.
        effects: what a move did to the old root folder.
        job: that works through them.
        aside: names of what may be restored for a minute.
    """

    count: int
    effects: Effects = field(default_factory=Counter)
    job: Job | None = None
    aside: tuple[UUID, ...] = ()


def delete_selected(*, actor: Actor, selection: UnitSelection) -> UnitsChanged:
    """Delete the items that are selected as wholes; frames and parts among the units stay.

    Raises:
        Conflict: there are only frames and parts.
        NotAllowed: the actor may not edit the folders of all of them.
        NotFound: nothing is selected.
    """
    wholes = selection.wholes()
    if not wholes.units.exists() and selection.units.exists():
        message = (
            "Frames and images of groups go with their whole only. Select the video, sequence or "
            "group."
        )
        raise Conflict(message, code="part_of_a_whole")
    return _change(actor, wholes, "delete", {})


def move_selected(*, actor: Actor, selection: UnitSelection, folder: Folder) -> UnitsChanged:
    """Put the items that the units belong to into a folder.

    Raises:
        NotAllowed: the actor may not edit the folder, or those of all the units.
        NotFound: nothing is selected.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    return _change(actor, selection, "move", {"to": str(folder.pk)})


def edit_selected(
    *, actor: Actor, selection: UnitSelection, metadata: dict[str, Any]
) -> UnitsChanged:
    """Lay an object over the metadata of each unit: null clears a value, the rest stays.

    Raises:
        InvalidInput: naming each value that its key does not take, by `metadata.<key>`.
        NotAllowed: the actor may not edit the folders of all the units.
        NotFound: nothing is selected.
    """
    check_values(actor, metadata)
    return _change(actor, selection, "edit", {"metadata": metadata})


@transaction.atomic
def restore_deleted(*, actor: Actor, aside: Sequence[UUID]) -> int:
    """Bring back what was deleted within the last minute; return how many items.

    Raises:
        Conflict, NotAllowed, NotFound: as restore_items; then nothing comes back.
    """
    return sum(restore_items(actor=actor, name=name) for name in aside)


def change_units(run: JobRun) -> dict[str, Any]:
    """Carry a change out in batches; the job's handler."""
    if run.actor_user is None:
        return {}
    organisation = Organisation.objects.get(pk=run.organisation_id)
    selection = UUID(run.payload["selection"])
    state: dict[str, Any] = {"batches": 0, "seen": 0, "done": 0, "effects": {}}
    state |= {"refused": 0, "reasons": []} | run.checkpoint
    effects = Effects(state["effects"])
    while (kept := kept_units(selection, state["batches"])) is not None:
        # A new actor for each batch: he may have left, or lost the role, in the meantime.
        actor = Actor(user=run.actor_user, organisation=organisation)
        root = get_root(actor, UUID(run.payload["root"]), FolderRole.EDITOR)
        editable = Unit.objects.visible_to(actor, FolderRole.EDITOR).filter(root=root)
        there = list(editable.filter(pk__in=kept).order_by("pk").values_list("pk", flat=True))
        change = _Change(actor, run.payload["action"], run.payload["arguments"], effects)
        done, reasons = _carefully(change, there)
        state |= {
            "done": state["done"] + done,
            "refused": state["refused"] + len(reasons),
            "reasons": (state["reasons"] + reasons)[:_REASONS],
            "batches": state["batches"] + 1,
            "seen": state["seen"] + len(kept),
            "effects": dict(effects),
        }
        run.progress(
            done=state["seen"],
            total=int(run.payload["total"]),
            step="Working through the units",
            checkpoint=state,
        )
    result: dict[str, Any] = {"changed": state["done"], **effects}
    if state["refused"]:
        result |= {"refused": state["refused"], "reasons": state["reasons"]}
    return result


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done, by whom."""

    actor: Actor
    action: str
    arguments: dict[str, Any]
    effects: Effects

    def apply(self, unit_ids: list[int]) -> int:
        """Carry it out, all or nothing; returns how many changed."""
        with transaction.atomic():
            return _ACTIONS[self.action](self.actor, unit_ids, self.arguments, self.effects)


@transaction.atomic
def _change(
    actor: Actor, selection: UnitSelection, action: str, arguments: dict[str, Any]
) -> UnitsChanged:
    """Do it now when it is little, else have a worker do it."""
    require_editable(actor, selection)
    units = selection.units
    ids = list(units.order_by("pk").values_list("pk", flat=True)[: _AT_ONCE + 1])
    if not ids:
        raise NotFound("There is nothing to change: no unit matches.")
    if len(ids) <= _AT_ONCE:
        if action == "delete":
            return _set_aside(actor, ids)
        effects = Effects()
        return UnitsChanged(_Change(actor, action, arguments, effects).apply(ids), effects)
    kept, count = keep_units(units, size=_BATCHES[action])
    job = enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=UNITS_JOB_KIND,
        title=f"{_TITLES[action]} {count:,} units of {selection.root.name}",
        payload={
            "root": str(selection.root.pk),
            "selection": str(kept),
            "action": action,
            "arguments": arguments,
            "total": count,
        },
        folder_id=selection.root.pk,
    )
    return UnitsChanged(count, job=job)


def _carefully(change: _Change, unit_ids: list[int]) -> tuple[int, list[str]]:
    """Carry out a batch; what somebody took away meanwhile is passed over.

    Returns:
        How many changed, and why others could not, as frames of a video that cannot be read.
    """
    if not unit_ids:
        return 0, []
    try:
        return change.apply(unit_ids), []
    except (NotFound, InvalidInput):
        pass
    done, reasons = 0, []
    for unit_id in unit_ids:
        try:
            done += change.apply([unit_id])
        except NotFound:
            continue
        except InvalidInput as error:
            reason = error.errors[0].message if error.errors else error.message
            reasons.append(f"Unit {unit_id}: {reason}")
    return done, reasons


def _set_aside(actor: Actor, unit_ids: list[int]) -> UnitsChanged:
    """Delete what may be restored for a minute."""
    groups = _items_by_folder(actor, unit_ids)
    aside = [
        set_aside(actor=actor, folder=folder, item_ids=item_ids) for folder, item_ids in groups
    ]
    names = tuple(name for name, _ in aside)
    return UnitsChanged(sum(count for _, count in aside), aside=names)


def _delete(actor: Actor, unit_ids: list[int], arguments: dict[str, Any], effects: Effects) -> int:
    groups = _items_by_folder(actor, unit_ids)
    return sum(
        hide_items(actor=actor, folder=folder, item_ids=item_ids) for folder, item_ids in groups
    )


def _items_by_folder(actor: Actor, unit_ids: list[int]) -> list[tuple[Folder, list[UUID]]]:
    """The items that units stand for as wholes, locked, by their folders."""
    # The tree before rows, and all rows in the order of ids, as all do.
    share_tree(actor.organisation_id)
    wanted = Unit.objects.filter(pk__in=unit_ids, frame=None).values("item")
    rows = Item.objects.filter(Q(pk__in=wanted, parent=None) | Q(parent__in=wanted))
    locked = rows.order_by("pk").select_for_update(of=("self",))
    by_folder: dict[UUID, list[UUID]] = {}
    for item_id, folder_id, parent_id in locked.values_list("pk", "folder", "parent"):
        if parent_id is None:
            by_folder.setdefault(folder_id, []).append(item_id)
    folders = Folder.objects.in_bulk(by_folder)
    return [(folders[folder_id], by_folder[folder_id]) for folder_id in sorted(folders)]


def _move(actor: Actor, unit_ids: list[int], arguments: dict[str, Any], effects: Effects) -> int:
    try:
        folder = get_folder(actor, UUID(arguments["to"]), FolderRole.EDITOR)
    except NotFound as error:
        # Not to be taken for an item that is gone.
        raise Conflict("The folder they were to go to has been deleted.") from error
    owners = Unit.objects.filter(pk__in=unit_ids).values_list("item", "item__parent")
    wholes = {parent_id or item_id for item_id, parent_id in owners}
    return move_items(actor=actor, item_ids=wholes, folder=folder, effects=effects)


def _edit(actor: Actor, unit_ids: list[int], arguments: dict[str, Any], effects: Effects) -> int:
    values = arguments["metadata"]
    documents: dict[UUID, dict[str, Any]] = {}
    units = Unit.objects.filter(pk__in=unit_ids).select_related("item").order_by("pk")
    for unit in units:
        document = documents.setdefault(unit.item_id, {})
        if unit.frame is None:
            document.update(values)
        else:
            document.setdefault(ENCORD, {"frames": {}})["frames"][_frame_key(unit)] = values
    changes = [MetadataChange(item_id, document) for item_id, document in documents.items()]
    try:
        update_metadata(actor=actor, changes=changes, merge=True)
    except InvalidInput as error:
        if error.errors and all(wrong.code == "not_found" for wrong in error.errors):
            raise NotFound from error
        raise
    return len(units)


def _frame_key(unit: Unit) -> str:
    """The name by which metadata documents speak of a frame."""
    frame = unit.frame or 0
    mode = stored_config(unit.item.client_metadata).mode
    if mode == "frame":
        return frame_key(frame, mode, 0.0)
    moment = unit.timestamp
    return frame_key(
        frame, mode, probe_item(unit.item).timestamps[frame] if moment is None else moment
    )


_Act = Callable[[Actor, list[int], dict[str, Any], Effects], int]
_ACTIONS: dict[str, _Act] = {"delete": _delete, "move": _move, "edit": _edit}
_TITLES = {"delete": "Deleting", "move": "Moving", "edit": "Changing the metadata of"}
