"""The page that shows what replaying a recipe would change, and does it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.actor import Actor
from accounts.middleware import actor_of
from collections_app.choices import Colour
from collections_app.models import Collection
from collections_app.permissions import get_collection
from collections_app.previews import preview
from collections_app.services.replaying import apply_recipe, save_replay
from collections_app.views.addresses import explorer_address
from collections_app.views.collections import named, posted_parts, status_of
from core.errors import Conflict, DomainError, InvalidInput
from core.models import Job
from folders.choices import FolderRole
from folders.views.pages import see_other


@require_GET
def collection_replay(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Each step then and now, and the difference."""
    actor = actor_of(request)
    return _page(request, actor, get_collection(actor, collection_id))


@require_POST
def collection_replay_apply(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Make the collection what its recipe makes today."""
    actor = actor_of(request)
    found = get_collection(actor, collection_id, FolderRole.EDITOR)
    try:
        done = apply_recipe(
            actor=actor,
            collection=found,
            leave_out=_leaves_out(request),
            expected=_expected(request),
        )
    except Conflict as error:
        return _page(request, actor, found, error=error)
    if isinstance(done, Job):
        messages.success(request, f"{done.title}. You can go on; the work shows under Jobs.")
    else:
        words = f"Replayed {found.name}: {done.added:,} added, {done.removed:,} removed."
        messages.success(request, words)
    return see_other("collection", found.pk)


@require_POST
def collection_replay_save(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Save what the recipe makes today as a new collection."""
    actor = actor_of(request)
    found = get_collection(actor, collection_id, FolderRole.EDITOR)
    said = posted_parts(request)
    try:
        saved = save_replay(
            actor=actor,
            collection=found,
            leave_out=_leaves_out(request),
            **({"name": ""} | named(said)),
        )
    except (Conflict, InvalidInput) as error:
        return _page(request, actor, found, error=error, said=said)
    words = f"Created {saved.collection.name} by replaying {found.name}."
    messages.success(request, words + (" Its units follow; see Jobs." if saved.job else ""))
    return see_other("collection", saved.collection.pk)


def _page(
    request: HttpRequest,
    actor: Actor,
    found: Collection,
    error: DomainError | None = None,
    said: dict[str, str] | None = None,
) -> HttpResponse:
    shown = preview(actor, found)
    context: dict[str, Any] = {
        "collection": found,
        "preview": shown,
        "links": {name: explorer_address(found.root, t) for name, t in shown.filters.items()},
        "can_edit": _edits(actor, found),
        "colours": Colour,
        "said": {"name": f"{found.name}, replayed", "colour": str(found.colour)} | (said or {}),
        "is_saving": said is not None,
        "error": error,
    }
    return render(request, "collections/replay.html", context, status=status_of(error))


def _edits(actor: Actor, found: Collection) -> bool:
    return Collection.objects.visible_to(actor, FolderRole.EDITOR).contains(found)


def _leaves_out(request: HttpRequest) -> bool:
    return request.POST.get("leave_out") == "1"


def _expected(request: HttpRequest) -> tuple[int, int] | None:
    """The difference that the page has shown; None when the form does not say it."""
    added, removed = (request.POST.get(name, "") for name in ("added", "removed"))
    return (int(added), int(removed)) if _is_count(added) and _is_count(removed) else None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
