"""*Remove from collection*: from the one that the filter names, or from one that is chosen."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.middleware import actor_of
from collections_app.models import Collection
from collections_app.permissions import get_collection
from collections_app.services.matching import remove_matching
from collections_app.services.members import Change, remove_units
from core.errors import NotFound
from core.models import Job
from explorer.views.selected import fields_of, matching_units, picked_units, selected_units
from folders.choices import FolderRole
from folders.models import Folder
from folders.permissions import get_root


@require_POST
def remove_from(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Ask which collection units shall leave (with `ask`), and take them out of it.

    Units are named as in `collect_units`.
    """
    actor = actor_of(request)
    root = get_root(actor, root_id, FolderRole.EDITOR)
    if "ask" in request.POST:
        return _dialog(request, actor, root)
    try:
        chosen = UUID(request.POST.get("collection", ""))
    except ValueError:
        raise NotFound("There is no such collection, or you have no access to it.") from None
    return _remove(request, actor, chosen)


@require_POST
def uncollect(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Take units, named as in `collect_units`, out of a collection; the page then looks anew."""
    return _remove(request, actor_of(request), collection_id)


def _remove(request: HttpRequest, actor: Actor, collection_id: UUID) -> HttpResponse:
    collection = get_collection(actor, collection_id, FolderRole.EDITOR)
    matching = matching_units(actor, collection.root, request.POST)
    if matching is not None:
        done = remove_matching(actor=actor, collection=collection, matching=matching)
    else:
        units = picked_units(request.POST)
        done = remove_units(actor=actor, collection=collection, units=units)
    messages.success(request, _words(collection, done))
    response = render(request, "explorer/collected.html", {"collection": collection})
    response["HX-Trigger"] = "explorer:collected, explorer:changed, dialog-close"
    return response


def _dialog(request: HttpRequest, actor: Actor, root: Folder) -> HttpResponse:
    units = selected_units(actor, root, request.POST).order_by().values("pk")
    inside = Count("members", filter=Q(members__unit__in=units))
    editable = Collection.objects.visible_to(actor, FolderRole.EDITOR).filter(root=root)
    holding = editable.annotate(inside=inside).filter(inside__gt=0)
    context = {
        **fields_of(actor, root, request.POST),
        "collections": holding.order_by("name", "pk"),
    }
    return render(request, "explorer/uncollect_dialog.html", context)


def _words(collection: Collection, done: Change | Job) -> str:
    if isinstance(done, Job):
        return f"{done.title}. You can go on; the work shows under Jobs."
    noun = "unit" if done.changed == 1 else "units"
    return f"Removed {done.changed:,} {noun} from {collection.name}."
