"""Pages of collections."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import Actor
from accounts.middleware import actor_of
from collections_app.models import Collection
from collections_app.permissions import get_collection, is_owner
from collections_app.querysets import visible_units
from collections_app.recipes import describe, visible_steps
from collections_app.services.collections import (
    create_collection,
    delete_collection,
    update_collection,
)
from core.errors import Conflict, DomainError, InvalidInput
from folders import filters
from folders.choices import FolderRole
from folders.models import Folder
from folders.permissions import get_root


@require_GET
def collections(request: HttpRequest) -> HttpResponse:
    """All collections that the actor sees, by root folder."""
    return _list(request, actor_of(request))


@require_POST
def collection_create(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Make an empty collection of a root folder."""
    actor = actor_of(request)
    root = get_root(actor, root_id, FolderRole.EDITOR)
    name = request.POST.get("name", "")
    try:
        collection = create_collection(actor=actor, root=root, name=name)
    except (InvalidInput, Conflict) as error:
        return _list(request, actor, error=error, name=name)
    return redirect("collection", collection_id=collection.pk)


@require_GET
def collection(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """One collection: how many units, and the steps that made it."""
    actor = actor_of(request)
    found = get_collection(actor, collection_id)
    return _detail(request, actor, found)


@require_POST
def collection_update(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Change name and description."""
    actor = actor_of(request)
    found = get_collection(actor, collection_id, FolderRole.EDITOR)
    said = {name: request.POST[name] for name in ("name", "description") if name in request.POST}
    try:
        update_collection(actor=actor, collection=found, **said)
    except (InvalidInput, Conflict) as error:
        found.refresh_from_db()
        return _detail(request, actor, found, error=error, said=said)
    return redirect("collection", collection_id=found.pk)


@require_POST
def collection_delete(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Delete a collection; its units stay."""
    actor = actor_of(request)
    found = get_collection(actor, collection_id, FolderRole.EDITOR)
    delete_collection(actor=actor, collection=found)
    messages.success(request, f"Deleted {found.name}. Its units stay in their folder.")
    return redirect("collections")


def explorer_address(collection: Collection) -> str:
    """The Explorer, filtered by the collection."""
    tree = {"all": [{"field": "collection", "op": "in", "value": [str(collection.pk)]}]}
    query = urlencode({"filter": filters.encode(filters.parse(tree))})
    return f"{reverse('explorer', args=[collection.root_id])}?{query}"


def _list(
    request: HttpRequest, actor: Actor, error: DomainError | None = None, name: str = ""
) -> HttpResponse:
    visible = Collection.objects.visible_to(actor).with_unit_counts(actor)
    found = visible.select_related("root", "created_by").order_by("root__name", "root", "name")
    editable = Folder.objects.visible_to(actor, FolderRole.EDITOR).values("root")
    context = {
        "groups": _by_root(found),
        "roots": Folder.objects.filter(pk__in=editable).order_by("name", "pk"),
        "error": error,
        "name": name,
    }
    return render(request, "collections/collections.html", context, status=_status(error))


def _by_root(found: Iterable[Collection]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for one in found:
        if not groups or groups[-1]["root"] != one.root:
            groups.append({"root": one.root, "rows": []})
        groups[-1]["rows"].append({"collection": one, "explorer": explorer_address(one)})
    return groups


def _detail(
    request: HttpRequest,
    actor: Actor,
    found: Collection,
    error: DomainError | None = None,
    said: dict[str, str] | None = None,
) -> HttpResponse:
    context = {
        "collection": found,
        "count": visible_units(actor, found).count(),
        "explorer": explorer_address(found),
        "steps": [describe(step) for step in visible_steps(actor, found)],
        "may_change": is_owner(actor, found),
        "error": error,
        "said": said or {"name": found.name, "description": found.description},
    }
    return render(request, "collections/collection.html", context, status=_status(error))


def _status(error: DomainError | None) -> int:
    return 200 if error is None else 422
