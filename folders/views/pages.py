"""What several pages of the app share."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from accounts.actor import Actor
from core.errors import DomainError, FieldError, InvalidInput
from folders.choices import FolderRole
from folders.models import Folder
from folders.permissions import strongest_role
from folders.tree import breadcrumbs


def rights(actor: Actor, folder: Folder) -> dict[str, Any]:
    """The context that says what the actor may do in a folder."""
    role = strongest_role(actor, folder)
    return {
        "role": role,
        "can_edit": role is not None and role.includes(FolderRole.EDITOR),
        "can_administer": role == FolderRole.ADMIN,
    }


def place(actor: Actor, folder: Folder) -> dict[str, Any]:
    """The context that says where the folder is."""
    root = folder if folder.is_root else folder.root
    return {"folder": folder, "root": root, "breadcrumbs": breadcrumbs(actor, folder)}


def refused(request: HttpRequest, error: DomainError) -> None:
    """Keep what is wrong as a message for the page that follows."""
    parts = [part.message for part in error.errors if part.message != error.message]
    messages.error(request, " ".join([error.message, *parts[:5]]))


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return bool(request.headers.get("HX-Request"))


def see_other(to: str, *args: Any) -> HttpResponseRedirect:
    """Redirect to a page after a form was sent; 303, so that reloading sends nothing again."""
    return HttpResponseRedirect(resolve_url(to, *args), status=303)


def htmx_or_see_other(request: HttpRequest, to: str, *args: Any) -> HttpResponse:
    """The same for htmx, which is told by a header."""
    response = see_other(to, *args)
    if not is_partial(request):
        return response
    return HttpResponse(status=204, headers={"HX-Redirect": response.url})


def posted_id(request: HttpRequest, name: str) -> UUID | None:
    """An id that a form sent, None when it is empty.

    Raises:
        InvalidInput: it is no id.
    """
    given = request.POST.get(name, "")
    if not given:
        return None
    try:
        return UUID(given)
    except ValueError as error:
        wrong = FieldError(name, "This is no id.", expected="a UUID", found=given[:80])
        raise InvalidInput(errors=[wrong]) from error
