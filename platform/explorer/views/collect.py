"""*Add to collection*: the dialog, and what it sends."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.middleware import actor_of
from collections_app.models import Collection
from collections_app.services.collect import Collected, collect
from core.errors import Conflict, DomainError, FieldError, InvalidInput
from explorer.views.selected import fields_of, matching_units, picked_units
from folders.choices import FolderRole
from folders.models import Folder
from folders.permissions import get_root


@require_http_methods(["GET", "POST"])
def collect_units(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Ask which collection units shall go to (GET), and add them to it (POST).

    Either `units` names them (ids with commas), or `matching` is the query string of a state whose
    units are all meant, cut further by `part` (a region of the map).
    """
    actor = actor_of(request)
    root = get_root(actor, root_id, FolderRole.EDITOR)
    if request.method == "GET":
        return _dialog(request, actor, root, request.GET)
    # The ids of a large selection do not fit into an address: the page asks by POST.
    if "ask" in request.POST:
        return _dialog(request, actor, root, request.POST)
    return _add(request, actor, root)


def _add(request: HttpRequest, actor: Actor, root: Folder) -> HttpResponse:
    said = request.POST
    try:
        done = collect(
            actor=actor,
            root=root,
            collection_id=_chosen(said),
            name=said.get("name", ""),
            units=picked_units(said),
            matching=matching_units(actor, root, said),
        )
    except (InvalidInput, Conflict) as error:
        return _dialog(request, actor, root, said, error)
    messages.success(request, _words(done))
    response = render(request, "explorer/collected.html", {"collection": done.collection})
    response["HX-Trigger"] = "explorer:collected, dialog-close"
    return response


def _dialog(
    request: HttpRequest,
    actor: Actor,
    root: Folder,
    said: QueryDict,
    error: DomainError | None = None,
) -> HttpResponse:
    collections = Collection.objects.visible_to(actor, FolderRole.EDITOR).filter(root=root)
    context = {
        **fields_of(actor, root, said),
        "collections": collections.order_by("name", "pk"),
        "error": error,
    }
    # 422: htmx shows the dialog again, with what is wrong at its field.
    status = 200 if error is None else 422
    return render(request, "explorer/collect_dialog.html", context, status=status)


def _chosen(said: QueryDict) -> UUID | None:
    """The collection that was chosen; None asks for a new one."""
    text = said.get("collection", "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        message = "Choose a collection of the list."
        raise InvalidInput(message, errors=[FieldError("collection", message)]) from None


def _words(done: Collected) -> str:
    name = done.collection.name
    if done.job is not None:
        return f"{done.job.title}. You can go on; the work shows under Jobs."
    change = done.change
    if change is None:
        return f"Created {name}."
    noun = "unit" if change.changed == 1 else "units"
    words = f"Added {change.changed:,} {noun} to {name}."
    return words + (f" {change.unchanged:,} were in it already." if change.unchanged else "")
