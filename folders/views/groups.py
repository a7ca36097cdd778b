"""Groups and sequences that forms of the Files pages ask for."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.middleware import actor_of
from core.errors import FieldError, InvalidInput
from folders.choices import FolderRole, ItemKind
from folders.permissions import get_folder
from folders.services.groups import group_items
from folders.views.pages import htmx_or_see_other, refused

_KINDS = (ItemKind.IMAGE_GROUP, ItemKind.IMAGE_SEQUENCE)


@require_POST
def folder_groups(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Make the ticked images one group or sequence and show it."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id, FolderRole.EDITOR)
    try:
        whole = group_items(
            actor=actor,
            folder=folder,
            items=_ids(request),
            kind=_kind(request),
            name=request.POST.get("name", ""),
        )
    except InvalidInput as error:
        refused(request, error)
        return htmx_or_see_other(request, "folder", folder.pk)
    messages.success(request, f"“{whole.name}” was made.")
    return htmx_or_see_other(request, "item", whole.pk)


def _ids(request: HttpRequest) -> list[UUID]:
    """The items that the form names, in their order."""
    try:
        return [UUID(given) for given in request.POST.getlist("item")]
    except ValueError as error:
        wrong = FieldError("item", "This is no id.", expected="a UUID")
        raise InvalidInput(wrong.message, errors=[wrong]) from error


def _kind(request: HttpRequest) -> ItemKind:
    given = request.POST.get("kind", "")
    if given not in _KINDS:
        wrong = FieldError(
            "kind", "Choose group or sequence.", "choice", " or ".join(_KINDS), given
        )
        raise InvalidInput(wrong.message, errors=[wrong])
    return ItemKind(given)
