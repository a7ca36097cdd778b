"""What is done with the items that somebody has ticked in a folder: asked first, then done."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import Conflict, FieldError, InvalidInput, NotFound
from folders import hooks
from folders.choices import FolderRole, ItemKind
from folders.models import Folder
from folders.permissions import get_folder
from folders.picking import choices_below
from folders.selection_contents import selection_contents
from folders.selections import Selection, check_selection
from folders.services.bulk import Changed, delete_selection, edit_selection, move_selection
from folders.services.following import Effects
from folders.services.groups import group_items
from folders.value_fields import Field, editable_fields, read_fields
from folders.views.pages import (
    htmx_or_see_other,
    is_partial,
    posted_id,
    refused,
    see_other,
)
from folders.views.posted import posted_selection

# Pictures of one group or sequence that is made on a page; imports make larger ones.
MAX_GROUPED = 5_000
_WHOLES = (ItemKind.IMAGE_GROUP, ItemKind.IMAGE_SEQUENCE)


@require_safe
def folder_items_count(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """How many items match a search, in words for the bar below the table."""
    folder = get_folder(actor_of(request), folder_id)
    search = request.GET.get("search", "").strip().replace("\x00", "")
    count = Selection(folder, None, search, request.GET.get("state", "")).count()
    return HttpResponse(str(count), content_type="text/plain; charset=utf-8")


@require_POST
def folder_items_ask(request: HttpRequest, folder_id: UUID, action: str) -> HttpResponse:
    """The dialog that asks what exactly is to be done with the items of a form."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.EDITOR)
    if action not in _CONTEXTS:
        raise NotFound
    try:
        selection = check_selection(posted_selection(request, folder))
    except InvalidInput as error:
        refused(request, error)
        return htmx_or_see_other(request, "folder", folder.pk)
    return _dialog(request, actor, selection, action)


@require_POST
def folder_items_delete(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Delete the items."""
    actor, selection = _asked(request, folder_id)
    changed = delete_selection(actor=actor, selection=selection)
    return _done(request, selection.folder, changed, "deleted")


@require_POST
def folder_items_move(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Put the items into another folder."""
    actor, selection = _asked(request, folder_id)
    try:
        target_id = posted_id(request, "parent")
        if target_id is None:
            raise InvalidInput(errors=[FieldError("parent", "Choose a folder.", "required")])
        target = get_folder(actor, target_id, FolderRole.EDITOR)
        changed = move_selection(actor=actor, selection=selection, folder=target)
    except (Conflict, InvalidInput) as error:
        return _dialog(request, actor, selection, "move", error=error)
    return _done(request, selection.folder, changed, f"moved to “{target.name}”")


@require_POST
def folder_items_edit(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Set and clear values of the items."""
    actor, selection = _asked(request, folder_id)
    fields = editable_fields(actor)
    try:
        metadata = read_fields(fields, request.POST, only_marked=True)
        changed = edit_selection(actor=actor, selection=selection, metadata=metadata)
    except InvalidInput as error:
        return _dialog(request, actor, selection, "edit", error=error, fields=fields)
    return _done(request, selection.folder, changed, "changed")


@require_POST
def folder_items_group(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Make the images, in the order of their names, a group or a sequence."""
    actor, selection = _asked(request, folder_id)
    kind = request.POST.get("kind", "")
    try:
        if kind not in _WHOLES:
            raise InvalidInput(errors=[FieldError("kind", "Choose group or sequence.", "choice")])
        ids = list(
            selection.items().order_by("name", "pk").values_list("pk", flat=True)[: MAX_GROUPED + 1]
        )
        if len(ids) > MAX_GROUPED:
            raise InvalidInput(f"On a page, {MAX_GROUPED:,} images at most become one item.")
        whole = group_items(
            actor=actor,
            folder=selection.folder,
            items=ids,
            kind=ItemKind(kind),
            name=request.POST.get("name", ""),
        )
    except (Conflict, InvalidInput) as error:
        return _dialog(request, actor, selection, "group", error=error)
    messages.success(request, f"“{whole.name}” was made of {len(ids):,} images.")
    return htmx_or_see_other(request, "item", whole.pk)


def effects_in_words(effects: Effects) -> str:
    """What a move did to the old root folder; empty for nothing."""
    told = [
        f"{number:,} {one if number == 1 else many}"
        for number, one, many in (
            (effects[hooks.MEMBERS_LEFT], "place in a collection", "places in collections"),
            (effects[hooks.POINTS_LEFT], "point on a map", "points on maps"),
        )
        if number
    ]
    return f"{' and '.join(told)} of the old root folder ended." if told else ""


def _asked(request: HttpRequest, folder_id: UUID) -> tuple[Actor, Selection]:
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.EDITOR)
    return actor, posted_selection(request, folder)


def _done(request: HttpRequest, folder: Folder, changed: Changed, verb: str) -> HttpResponse:
    count = "1 item" if changed.items == 1 else f"{changed.items:,} items"
    if changed.hidden:
        messages.success(request, f"{count} were {verb}. A job removes what is left of them.")
    elif changed.job is not None:
        messages.info(request, f"A job works through {count}; the list of jobs shows how far.")
    else:
        was = "was" if changed.items == 1 else "were"
        words = effects_in_words(changed.effects)
        messages.success(request, f"{count} {was} {verb}. {words}".strip())
    return htmx_or_see_other(request, "folder", folder.pk)


def _dialog(
    request: HttpRequest,
    actor: Actor,
    selection: Selection,
    action: str,
    *,
    error: InvalidInput | Conflict | None = None,
    fields: list[Field] | None = None,
) -> HttpResponse:
    if error is not None and not is_partial(request):
        refused(request, error)
        return see_other("folder", selection.folder.pk)
    context = {
        "folder": selection.folder,
        "selection": json.dumps(selection.to_json()),
        "count": selection.count(),
        "error": error,
        "said": request.POST,
        **_CONTEXTS[action](actor, selection, fields, error),
    }
    status = 422 if error else 200
    return render(request, f"folders/selection_{action}.html", context, status=status)


def _move_context(
    actor: Actor, selection: Selection, fields: list[Field] | None, error: Any
) -> dict[str, Any]:
    return {"choices": choices_below(actor, None)}


def _edit_context(
    actor: Actor, selection: Selection, fields: list[Field] | None, error: Any
) -> dict[str, Any]:
    shown = editable_fields(actor) if fields is None else fields
    for field in shown:
        field.take(error)
    return {"fields": shown}


def _group_context(
    actor: Actor, selection: Selection, fields: list[Field] | None, error: Any
) -> dict[str, Any]:
    first = selection.items().order_by("name", "pk").first()
    return {"suggested": first.name.rpartition(".")[0] or first.name if first else ""}


def _delete_context(
    actor: Actor, selection: Selection, fields: list[Field] | None, error: Any
) -> dict[str, Any]:
    return {"contents": selection_contents(selection)}


_CONTEXTS = {
    "delete": _delete_context,
    "move": _move_context,
    "edit": _edit_context,
    "group": _group_context,
}
