"""Changes of folders that forms of the Files pages ask for."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import Conflict, InvalidInput, NotFound
from folders.choices import FolderRole
from folders.counts import folder_contents
from folders.models import Folder
from folders.permissions import get_folder
from folders.picking import choices_below, search_choices
from folders.services.deletion import delete_folder
from folders.services.folders import create_folder, rename_folder
from folders.services.following import Effects
from folders.services.moves import move_folder
from folders.views.pages import (
    htmx_or_see_other,
    is_partial,
    posted_id,
    refused,
    see_other,
)
from folders.views.selections import effects_in_words


@require_POST
def folder_create(request: HttpRequest) -> HttpResponse:
    """Create a folder and go there; name, description, and the parent's id unless it is a root."""
    actor = actor_of(request)
    parent_id = posted_id(request, "parent")
    parent = get_folder(actor, parent_id, FolderRole.EDITOR) if parent_id else None
    try:
        folder = create_folder(
            actor=actor,
            name=request.POST.get("name", ""),
            parent=parent,
            description=request.POST.get("description", ""),
        )
    except InvalidInput as error:
        refused(request, error)
        return see_other("folder", parent.pk) if parent else see_other("files")
    return see_other("folder", folder.pk)


@require_POST
def folder_rename(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Change name and description."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.EDITOR)
    try:
        rename_folder(
            actor=actor,
            folder=folder,
            name=request.POST.get("name", ""),
            description=request.POST.get("description"),
        )
    except InvalidInput as error:
        refused(request, error)
    return see_other("folder", folder.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def folder_move(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Ask where to; then put the folder below another one, or without a parent at the top."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.ADMIN)
    if request.method != "POST":
        return _ask_where(request, actor, folder)
    effects = Effects()
    try:
        if "parent" not in request.POST:
            raise InvalidInput("Choose a folder, or the top.", code="required")
        parent_id = posted_id(request, "parent")
        parent = get_folder(actor, parent_id, FolderRole.EDITOR) if parent_id else None
        folder = move_folder(actor=actor, folder=folder, parent=parent, effects=effects)
    except (Conflict, InvalidInput) as error:
        if is_partial(request):
            return _ask_where(request, actor, folder, error)
        refused(request, error)
        return see_other("folder", folder.pk)
    if folder.moved_from is not None:
        messages.info(request, f"“{folder.name}” was moved. A job takes its units along.")
    else:
        words = effects_in_words(effects)
        messages.success(request, f"“{folder.name}” was moved. {words}".strip())
    return htmx_or_see_other(request, "folder", folder.pk)


@require_safe
def folder_pick(request: HttpRequest) -> HttpResponse:
    """Folders to choose from: those below one, the topmost, or what a search finds."""
    actor = actor_of(request)
    moving = _asked_folder(request, actor, "moving")
    text = request.GET.get("search", "").strip().replace("\x00", "")
    inside = _asked_folder(request, actor, "in")
    choices = search_choices(actor, text, moving) if text else choices_below(actor, inside, moving)
    context = {
        "choices": choices,
        "moving": moving,
        "searched": text,
        "top": bool(moving and moving.parent_id and inside is None and not text),
    }
    return render(request, "folders/picker_nodes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def folder_delete(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Ask, with what would go along; then delete and go up."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.ADMIN)
    if request.method != "POST":
        context = {"folder": folder, "contents": folder_contents(folder)}
        return render(request, "folders/folder_delete.html", context)
    job = delete_folder(actor=actor, folder=folder)
    left = " A job removes what it held." if job else ""
    messages.success(request, f"“{folder.name}” was deleted.{left}")
    return see_other("folder", folder.parent_id) if folder.parent_id else see_other("files")


def _ask_where(
    request: HttpRequest,
    actor: Actor,
    folder: Folder,
    error: Conflict | InvalidInput | None = None,
) -> HttpResponse:
    context = {
        "folder": folder,
        "moving": folder,
        "top": folder.parent_id is not None,
        "choices": choices_below(actor, None, folder),
        "error": error,
    }
    return render(request, "folders/folder_move.html", context, status=422 if error else 200)


def _asked_folder(request: HttpRequest, actor: Actor, name: str) -> Folder | None:
    """The folder whose id stands in the address, None when there is none.

    Raises:
        NotFound: the actor sees no such folder.
    """
    given = request.GET.get(name, "")
    if not given:
        return None
    try:
        return get_folder(actor, UUID(given))
    except ValueError as error:
        raise NotFound from error
