"""*Edit metadata*, *Move* and *Delete*: asked first, then done.

Each takes the units as `collect_units` does; with `ask` it answers with the dialog.
"""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import Conflict, DomainError, FieldError, InvalidInput
from explorer.views.selected import fields_of, selected_units
from folders.choices import FolderRole
from folders.permissions import get_folder, get_root
from folders.picking import choices_below
from folders.services.unit_changes import (
    MOST_RESTORED,
    UnitsChanged,
    delete_selected,
    edit_selected,
    move_selected,
    restore_deleted,
)
from folders.unit_selections import UnitSelection, require_editable, unit_contents
from folders.value_fields import editable_fields, read_fields
from folders.views.pages import posted_id
from folders.views.selections import effects_in_words

_DELETED = ("item", "deleted")


@require_POST
def edit_units(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Set and clear values of the units."""
    actor, selection = _asked(request, root_id)
    fields = editable_fields(actor)
    if "ask" in request.POST:
        return _dialog(request, actor, selection, "edit", {"fields": fields})
    try:
        metadata = read_fields(fields, request.POST, only_marked=True)
        changed = edit_selected(actor=actor, selection=selection, metadata=metadata)
    except InvalidInput as error:
        for field in fields:
            field.take(error)
        return _dialog(request, actor, selection, "edit", {"fields": fields}, error)
    return _done(request, changed, "unit", "changed")


@require_POST
def move_units(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Put the items that the units belong to into another folder."""
    actor, selection = _asked(request, root_id)
    if "ask" in request.POST:
        return _dialog(request, actor, selection, "move", _places(actor, selection))
    try:
        target = posted_id(request, "parent")
        if target is None:
            raise InvalidInput(errors=[FieldError("parent", "Choose a folder.", "required")])
        folder = get_folder(actor, target, FolderRole.EDITOR)
        changed = move_selected(actor=actor, selection=selection, folder=folder)
    except (Conflict, InvalidInput) as error:
        return _dialog(request, actor, selection, "move", _places(actor, selection), error)
    return _done(request, changed, "item", f"moved to “{folder.name}”")


@require_POST
def delete_units(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Delete the items that are selected as wholes."""
    actor, selection = _asked(request, root_id)
    if "ask" in request.POST:
        contents = unit_contents(selection)
        shown = {"contents": contents, "is_restorable": contents.wholes <= MOST_RESTORED}
        return _dialog(request, actor, selection, "delete", shown)
    changed = delete_selected(actor=actor, selection=selection)
    response = _done(request, changed, *_DELETED)
    if changed.aside:
        # The page says it, with a button that brings them back.
        events = dict.fromkeys(response["HX-Trigger"].split(", "), "")
        undo = {"aside": ",".join(map(str, changed.aside)), "words": _words(changed, *_DELETED)}
        response["HX-Trigger"] = json.dumps({**events, "explorer:deleted": undo})
    return response


@require_POST
def restore_units(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Bring back what was deleted within the last minute; `aside` names it."""
    actor = actor_of(request)
    get_root(actor, root_id, FolderRole.EDITOR)
    try:
        aside = [UUID(name) for name in request.POST.get("aside", "").split(",")]
    except ValueError:
        raise InvalidInput(errors=[FieldError("aside", "This names nothing.", "value")]) from None
    count = restore_deleted(actor=actor, aside=aside)
    is_back = "item is" if count == 1 else "items are"
    messages.success(request, f"{count:,} {is_back} back.")
    response = render(request, "explorer/collected.html")
    response["HX-Trigger"] = "explorer:collected, explorer:changed"
    return response


def _asked(request: HttpRequest, root_id: UUID) -> tuple[Actor, UnitSelection]:
    """The selection, if the actor edits the folders of all of it."""
    actor = actor_of(request)
    root = get_root(actor, root_id, FolderRole.EDITOR)
    selection = UnitSelection(root, selected_units(actor, root, request.POST))
    require_editable(actor, selection)
    return actor, selection


def _places(actor: Actor, selection: UnitSelection) -> dict[str, Any]:
    return {
        "choices": choices_below(actor, None),
        "contents": unit_contents(selection),
        "items": selection.count_wholes(),
    }


def _dialog(
    request: HttpRequest,
    actor: Actor,
    selection: UnitSelection,
    action: str,
    context: dict[str, Any],
    error: DomainError | None = None,
) -> HttpResponse:
    shown = {**fields_of(actor, selection.root, request.POST), "error": error, **context}
    # 422: htmx shows the dialog again, with what is wrong at its field.
    status = 200 if error is None else 422
    return render(request, f"explorer/{action}_dialog.html", shown, status=status)


def _done(request: HttpRequest, changed: UnitsChanged, noun: str, verb: str) -> HttpResponse:
    if not changed.aside:
        messages.success(request, _words(changed, noun, verb))
    response = render(request, "explorer/collected.html")
    response["HX-Trigger"] = "explorer:collected, explorer:changed, dialog-close, jobs-changed"
    return response


def _words(changed: UnitsChanged, noun: str, verb: str) -> str:
    if changed.job is not None:
        return f"{changed.job.title}. You can go on; the work shows under Jobs."
    were = f"{noun} was" if changed.count == 1 else f"{noun}s were"
    return f"{changed.count:,} {were} {verb}. {effects_in_words(changed.effects)}".strip()
