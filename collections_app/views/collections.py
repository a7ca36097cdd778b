"""Pages of collections."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import Actor
from accounts.middleware import actor_of
from collections_app.choices import Colour
from collections_app.comparisons.embeddings import held_embeddings
from collections_app.models import Collection
from collections_app.permissions import get_collection, is_owner
from collections_app.querysets import visible_units
from collections_app.recipes import sees_whole_recipe, visible_steps
from collections_app.services.collections import (
    create_collection,
    delete_collection,
    update_collection,
)
from collections_app.telling import tell
from collections_app.views.addresses import explorer_of
from core.errors import Conflict, DomainError, FieldError, InvalidInput
from folders.choices import FolderRole
from folders.models import Folder
from folders.permissions import get_root


@require_GET
def collections(request: HttpRequest) -> HttpResponse:
    """All collections that the actor sees, by root folder."""
    return _list(request, actor_of(request))


@require_GET
def collections_of_root(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """The collections of one root folder."""
    actor = actor_of(request)
    return _list(request, actor, root=get_root(actor, root_id))


@require_POST
def collection_create(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Make an empty collection of a root folder."""
    actor = actor_of(request)
    root = get_root(actor, root_id, FolderRole.EDITOR)
    said = posted_parts(request)
    try:
        collection = create_collection(actor=actor, root=root, **named(said))
    except (InvalidInput, Conflict) as error:
        return _list(request, actor, error=error, said=said)
    return redirect("collection", collection_id=collection.pk)


@require_GET
def collection(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """One collection: how many units, and the steps that made it."""
    actor = actor_of(request)
    found = get_collection(actor, collection_id)
    return _detail(request, actor, found)


@require_POST
def collection_update(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Change name, description and colour."""
    actor = actor_of(request)
    found = get_collection(actor, collection_id, FolderRole.EDITOR)
    said = posted_parts(request)
    try:
        update_collection(actor=actor, collection=found, **named(said))
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


def posted_parts(request: HttpRequest) -> dict[str, str]:
    """What a form says of a collection: those of name, description and colour that it has."""
    names = ("name", "description", "colour")
    return {name: request.POST[name] for name in names if name in request.POST}


def named(said: dict[str, str]) -> dict[str, Any]:
    """The same as services take it; without a name the service says what is missing.

    Raises:
        InvalidInput: the colour is no number.
    """
    parts: dict[str, Any] = {**said}
    if "colour" in parts:
        try:
            parts["colour"] = int(parts["colour"] or Colour.NONE)
        except ValueError:
            message = "Choose a colour of the palette."
            found = said["colour"][:80]
            error = FieldError("colour", message, "choice", found=found)
            raise InvalidInput(message, errors=[error]) from None
    return parts


def _list(
    request: HttpRequest,
    actor: Actor,
    root: Folder | None = None,
    error: DomainError | None = None,
    said: dict[str, str] | None = None,
) -> HttpResponse:
    visible = Collection.objects.visible_to(actor).with_unit_counts(actor)
    found = visible.select_related("root", "created_by").order_by("root__name", "root", "name")
    editable = Folder.objects.visible_to(actor, FolderRole.EDITOR)
    if root is not None:
        found, editable = found.filter(root=root), editable.filter(root=root)
    roots = list(Folder.objects.filter(pk__in=editable.values("root")).order_by("name", "pk"))
    context = {
        "root": root,
        "groups": _by_root(found, {one.pk for one in roots}),
        "roots": roots,
        "colours": Colour,
        "error": error,
        "said": said or {},
    }
    return render(request, "collections/collections.html", context, status=status_of(error))


def _by_root(found: Iterable[Collection], editable: set[UUID]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for one in found:
        if not groups or groups[-1]["root"] != one.root:
            groups.append({"root": one.root, "rows": [], "can_edit": one.root_id in editable})
        groups[-1]["rows"].append({"collection": one, "explorer": explorer_of(one)})
    return groups


def _detail(
    request: HttpRequest,
    actor: Actor,
    found: Collection,
    error: DomainError | None = None,
    said: dict[str, str] | None = None,
) -> HttpResponse:
    steps = visible_steps(actor, found)
    present = {"name": found.name, "description": found.description, "colour": found.colour}
    context = {
        "collection": found,
        "count": visible_units(actor, found).count(),
        "explorer": explorer_of(found),
        "steps": tell(actor, found.root, steps),
        "sees_all": sees_whole_recipe(actor, found),
        "embeddings": held_embeddings(actor, found.root),
        "may_change": is_owner(actor, found),
        "colours": Colour,
        "error": error,
        "said": present | (said or {}),
    }
    return render(request, "collections/collection.html", context, status=status_of(error))


def status_of(error: DomainError | None) -> int:
    """422 of a page that shows what was wrong with a form."""
    return 200 if error is None else 422
