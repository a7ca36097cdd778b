"""Files that arrive through pages: resumable by the tus protocol, or from a plain form."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import actor_of
from core.api.problems import problem_response
from core.errors import DomainError, FieldError, InvalidInput
from folders import tus
from folders.choices import FolderRole
from folders.permissions import get_folder
from folders.services.items import upload_item
from folders.views.pages import see_other


@require_http_methods(["OPTIONS", "POST"])
def folder_uploads(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Announce a file, with its first bytes or all of them in the body."""
    actor = actor_of(request)

    def answer() -> HttpResponse:
        if request.method == "OPTIONS":
            return tus.discover()
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        return tus.create(
            request, actor, folder, lambda pk: reverse("folder-upload-part", args=[folder_id, pk])
        )

    return _answer(request, answer)


@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE"])
def folder_upload_part(request: HttpRequest, folder_id: UUID, upload_id: UUID) -> HttpResponse:
    """Ask how much of a file is there, send more of it, or give it up."""
    actor = actor_of(request)

    def answer() -> HttpResponse:
        match request.method:
            case "OPTIONS":
                return tus.discover()
            case "HEAD":
                return tus.head(request, actor, folder_id, upload_id)
            case "PATCH":
                return tus.patch(request, actor, folder_id, upload_id)
            case _:
                return tus.delete(request, actor, folder_id, upload_id)

    return _answer(request, answer)


@require_POST
def folder_upload(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Store the files of a plain form as new items, for browsers without scripts."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.EDITOR)
    items = [
        upload_item(actor=actor, folder=folder, file=cast("Any", file), name=file.name or "")
        for file in _files(request)
    ]
    what = "1 file was uploaded." if len(items) == 1 else f"{len(items)} files were uploaded."
    messages.success(request, what)
    return see_other("folder", folder.pk)


def _answer(request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer, in the protocol's form even when it is a refusal."""
    try:
        response = answer()
    except DomainError as error:
        response = problem_response(request, error)
    return tus.with_version(response)


def _files(request: HttpRequest) -> "list[UploadedFile[Any]]":
    found = request.FILES.getlist("file")
    if not found:
        wrong = FieldError("file", "A file is missing.", "required")
        raise InvalidInput("A file is missing.", errors=[wrong])
    return found
