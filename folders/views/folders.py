"""Changes of folders that forms of the Files pages ask for."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import actor_of
from core.errors import Conflict, InvalidInput
from folders.choices import FolderRole
from folders.counts import folder_contents
from folders.permissions import get_folder
from folders.services.deletion import delete_folder
from folders.services.folders import create_folder, rename_folder
from folders.services.moves import move_folder
from folders.views.pages import posted_id, refused, see_other


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


@require_POST
def folder_move(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Put the folder below another one, or without a parent's id at the top."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.ADMIN)
    parent_id = posted_id(request, "parent")
    parent = get_folder(actor, parent_id, FolderRole.EDITOR) if parent_id else None
    try:
        move_folder(actor=actor, folder=folder, parent=parent)
    except (Conflict, InvalidInput) as error:
        refused(request, error)
    return see_other("folder", folder.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def folder_delete(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Ask, with what would go along; then delete and go up."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.ADMIN)
    if request.method != "POST":
        context = {"folder": folder, "contents": folder_contents(folder)}
        return render(request, "folders/folder_delete.html", context)
    delete_folder(actor=actor, folder=folder)
    messages.success(request, f"“{folder.name}” was deleted.")
    return see_other("folder", folder.parent_id) if folder.parent_id else see_other("files")
