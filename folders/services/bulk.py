"""One change of many items: move, delete, metadata.

What is quickly done is done in the transaction of the request, all or nothing. More is a job that
goes through the items in the order in which they came, batch by batch, each all or nothing; killed,
it goes on behind the last batch; cancelled, it leaves what it has done and what it has not.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Organisation
from core.errors import Conflict, InvalidInput, NotFound
from core.jobs import JobRun
from core.models import Job
from core.services.jobs import enqueue_job
from folders.choices import FolderRole
from folders.metadata.parse import MetadataParser
from folders.models import Folder, MetadataKey, Unit
from folders.permissions import get_folder, require_role
from folders.selections import Selection, check_selection
from folders.services.deletion import delete_items
from folders.services.following import Effects
from folders.services.imports import MetadataChange, update_metadata
from folders.services.moves import move_items

BULK_JOB_KIND = "folders.change_items"
# What one request does by itself, within about a second.
_ITEMS_AT_ONCE = 500
_UNITS_AT_ONCE = 2_000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a selection: done at once, or left to a job."""

    items: int = 0
    effects: Effects = field(default_factory=Counter)
    job: Job | None = None


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
    if not metadata:
        raise InvalidInput("Choose a key to set or to clear.", code="nothing_to_do")
    keys = {key.name: key for key in MetadataKey.objects.visible_to(actor).live()}
    parser = MetadataParser(keys)
    parser.parse(metadata, "metadata")
    if parser.errors:
        raise InvalidInput(errors=parser.errors)
    return _change(actor, selection, "edit", {"metadata": metadata})


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
    selection = Selection.from_json(folder, run.payload["selection"])
    state: dict[str, Any] = {"cursor": "", "done": 0, "effects": {}} | run.checkpoint
    effects = Effects(state["effects"])
    total = int(run.payload["total"])
    act = _ACTIONS[run.payload["action"]]
    while True:
        batch, cursor = selection.batch(state["cursor"], _BATCH)
        if batch:
            # A new actor for each batch: he may have left, or lost the role, in the meantime.
            actor = Actor(user=run.actor_user, organisation=organisation)
            require_role(actor, folder, FolderRole.EDITOR)
            _act(act, actor, batch, run.payload["arguments"], effects)
        state |= {"cursor": cursor, "done": state["done"] + len(batch), "effects": dict(effects)}
        if not cursor:
            return {"items": state["done"], **effects}
        run.progress(
            done=state["done"], total=total, step="Working through the items", checkpoint=state
        )


@transaction.atomic
def _change(actor: Actor, selection: Selection, action: str, arguments: dict[str, Any]) -> Changed:
    """Do it now when it is little, else have a worker do it."""
    require_role(actor, selection.folder, FolderRole.EDITOR)
    check_selection(selection)
    selection = replace(selection, until=timezone.now())
    items = list(selection.items().values_list("pk", flat=True)[: _ITEMS_AT_ONCE + 1])
    if not items:
        raise NotFound("There is nothing to change: no item matches.")
    units = _count_units(items)
    if len(items) <= _ITEMS_AT_ONCE and units <= _UNITS_AT_ONCE:
        effects = Effects()
        _ACTIONS[action](actor, items, arguments, effects)
        return Changed(items=len(items), effects=effects)
    count = selection.count()
    job = enqueue_job(
        organisation_id=actor.organisation_id,
        user_id=actor.user.pk,
        kind=BULK_JOB_KIND,
        title=f"{_TITLES[action]} {count.of('item')} in {selection.folder.name}",
        payload={
            "folder": str(selection.folder.pk),
            "selection": selection.to_json(),
            "action": action,
            "arguments": arguments,
            "total": count.number,
        },
        folder_id=selection.folder.pk,
    )
    return Changed(items=count.number, job=job)


def _count_units(item_ids: list[UUID]) -> int:
    units = Unit.objects.filter(item__in=item_ids).order_by()
    return int(units[: _UNITS_AT_ONCE + 1].count())


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
