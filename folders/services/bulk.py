"""One change of many items: move, delete, metadata.

What is quickly done is done in the transaction of the request, all or nothing. More is a job for
exactly the items that there were at that time: it goes through them in the order in which they
came, batch by batch, each all or nothing; killed, it goes on behind the last batch; cancelled, it
leaves what it has done and what it has not. Items that are to be deleted are hidden instead, which
takes no longer for a great many, and removed by jobs of their own (folders.services.hiding).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Organisation
from core.errors import Conflict, InvalidInput, NotFound
from core.jobs import JobRun
from core.models import Job
from core.services.jobs import enqueue_job
from folders.choices import FolderRole
from folders.metadata.parse import MetadataParser
from folders.models import Folder, Item, MetadataKey, Unit
from folders.permissions import get_folder, require_role
from folders.selections import Selection, check_selection
from folders.services.deletion import delete_items
from folders.services.following import Effects
from folders.services.hiding import hide_items
from folders.services.imports import MetadataChange, update_metadata
from folders.services.moves import move_items
from folders.services.selected_items import keep_items, kept_items

BULK_JOB_KIND = "folders.change_items"
# What one request does by itself, within about a second.
_ITEMS_AT_ONCE = 500
_UNITS_AT_ONCE = 2_000
_BATCH = 500
# The same for items that only have to be hidden.
_HIDDEN_ITEMS_AT_ONCE = 5_000
_HIDDEN_UNITS_AT_ONCE = 10_000
_HIDDEN_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a selection: done at once, or left to a job.

    Those that are `hidden` are gone for everybody, and a job removes what is left of them.
    """

    items: int = 0
    effects: Effects = field(default_factory=Counter)
    job: Job | None = None
    hidden: bool = False


def delete_selection(*, actor: Actor, selection: Selection) -> Changed:
    """Delete the items.

    Raises:
        InvalidInput, NotFound: the selection cannot be carried out.
        NotAllowed: the actor may not edit the folder.
    """
    return _change(actor, selection, "delete", {})


def move_selection(*, actor: Actor, selection: Selection, folder: Folder) -> Changed:
    """Put the items into another folder.

    Raises:
        InvalidInput, NotFound: the selection cannot be carried out.
        NotAllowed: the actor may not edit both folders.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    return _change(actor, selection, "move", {"to": str(folder.pk)})


def edit_selection(*, actor: Actor, selection: Selection, metadata: dict[str, Any]) -> Changed:
    """Lay an object over the metadata of each item: null clears a value, the rest stays.

    Raises:
        InvalidInput: the selection cannot be carried out; or naming each value that its key does
            not take, by the path `metadata.<key>`.
        NotAllowed: the actor may not edit the folder.
    """
    check_values(actor, metadata)
    return _change(actor, selection, "edit", {"metadata": metadata})


def check_values(actor: Actor, metadata: dict[str, Any]) -> None:
    """Raise InvalidInput unless each value is one that its key takes, and there is one."""
    if not metadata:
        raise InvalidInput("Choose a key to set or to clear.", code="nothing_to_do")
    keys = {key.name: key for key in MetadataKey.objects.visible_to(actor).live()}
    parser = MetadataParser(keys)
    parser.parse(metadata, "metadata")
    if parser.errors:
        raise InvalidInput(errors=parser.errors)


def change_items(run: JobRun) -> dict[str, int]:
    """Carry a change out in batches; the job's handler."""
    if run.actor_user is None:
        return {}
    organisation = Organisation.objects.get(pk=run.organisation_id)
    folder = get_folder(
        Actor(user=run.actor_user, organisation=organisation),
        UUID(run.payload["folder"]),
        FolderRole.EDITOR,
    )
    selection = UUID(run.payload["selection"])
    state: dict[str, Any] = {"batches": 0, "done": 0, "effects": {}} | run.checkpoint
    effects = Effects(state["effects"])
    while (kept := kept_items(selection, state["batches"])) is not None:
        # A new actor for each batch: he may have left, or lost the role, in the meantime.
        actor = Actor(user=run.actor_user, organisation=organisation)
        require_role(actor, folder, FolderRole.EDITOR)
        state["done"] += _change_batch(run, actor, folder, kept, effects)
        state |= {"batches": state["batches"] + 1, "effects": dict(effects)}
        run.progress(
            done=state["done"],
            total=int(run.payload["total"]),
            step="Working through the items",
            checkpoint=state,
        )
    return {"items": state["done"], **effects}


def _change_batch(
    run: JobRun, actor: Actor, folder: Folder, kept: list[UUID], effects: Effects
) -> int:
    """Carry out one batch; returns how many of its items were still in the folder."""
    if run.payload["action"] == "delete":
        return hide_items(actor=actor, folder=folder, item_ids=kept)
    there = Item.objects.filter(folder=folder, parent=None, pk__in=kept)
    batch = list(there.order_by("created_at", "pk").values_list("pk", flat=True))
    if batch:
        _act(_ACTIONS[run.payload["action"]], actor, batch, run.payload["arguments"], effects)
    return len(batch)


@transaction.atomic
def _change(actor: Actor, selection: Selection, action: str, arguments: dict[str, Any]) -> Changed:
    """Do it now when it is little, else have a worker do it."""
    require_role(actor, selection.folder, FolderRole.EDITOR)
    check_selection(selection)
    if not selection.items().exists():
        raise NotFound("There is nothing to change: no item matches.")
    if (items := _few(selection, _ITEMS_AT_ONCE, _UNITS_AT_ONCE)) is not None:
        effects = Effects()
        _ACTIONS[action](actor, items, arguments, effects)
        return Changed(items=len(items), effects=effects)
    hides = action == "delete"
    if hides and (items := _few(selection, _HIDDEN_ITEMS_AT_ONCE, _HIDDEN_UNITS_AT_ONCE)):
        count = hide_items(actor=actor, folder=selection.folder, item_ids=items)
        return Changed(items=count, hidden=True)
    kept, count = keep_items(selection, size=_HIDDEN_BATCH if hides else _BATCH)
    job = enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=BULK_JOB_KIND,
        title=f"{_TITLES[action]} {count:,} items in {selection.folder.name}",
        payload={
            "folder": str(selection.folder.pk),
            "selection": str(kept),
            "action": action,
            "arguments": arguments,
            "total": count,
        },
        folder_id=selection.folder.pk,
    )
    return Changed(items=count, job=job)


def _few(selection: Selection, most_items: int, most_units: int) -> list[UUID] | None:
    """The items, unless they or their units are more than that."""
    items = list(selection.items().values_list("pk", flat=True)[: most_items + 1])
    if len(items) > most_items:
        return None
    units = Unit.objects.filter(item__in=items).order_by()
    return items if units[: most_units + 1].count() <= most_units else None


_Act = Callable[[Actor, list[UUID], dict[str, Any], Effects], None]


def _act(
    act: _Act, actor: Actor, batch: list[UUID], arguments: dict[str, Any], effects: Effects
) -> None:
    """Carry out a batch; items that somebody took away meanwhile are passed over."""
    try:
        act(actor, batch, arguments, effects)
    except NotFound:
        for item_id in batch:
            try:
                act(actor, [item_id], arguments, effects)
            except NotFound:
                continue


def _delete(
    actor: Actor, item_ids: list[UUID], arguments: dict[str, Any], effects: Effects
) -> None:
    delete_items(actor=actor, item_ids=item_ids)


def _move(actor: Actor, item_ids: list[UUID], arguments: dict[str, Any], effects: Effects) -> None:
    try:
        folder = get_folder(actor, UUID(arguments["to"]), FolderRole.EDITOR)
    except NotFound as error:
        # Not to be taken for an item that is gone.
        raise Conflict("The folder they were to go to has been deleted.") from error
    move_items(actor=actor, item_ids=item_ids, folder=folder, effects=effects)


def _edit(actor: Actor, item_ids: list[UUID], arguments: dict[str, Any], effects: Effects) -> None:
    changes = [MetadataChange(item_id, arguments["metadata"], path="") for item_id in item_ids]
    try:
        update_metadata(actor=actor, changes=changes, merge=True)
    except InvalidInput as error:
        if error.errors and all(wrong.code == "not_found" for wrong in error.errors):
            raise NotFound from error
        raise


_ACTIONS: dict[str, _Act] = {"delete": _delete, "move": _move, "edit": _edit}
_TITLES = {"delete": "Deleting", "move": "Moving", "edit": "Changing the metadata of"}
