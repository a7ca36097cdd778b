"""The dialog that makes a collection out of those that were ticked."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.middleware import actor_of
from collections_app.choices import Colour, Operation
from collections_app.models import Collection
from collections_app.services.collect import Collected
from collections_app.services.combining import combination, combine_collections
from collections_app.telling import counted
from collections_app.views.collections import named, posted_parts, status_of
from core.errors import Conflict, DomainError, FieldError, InvalidInput
from folders.choices import FolderRole
from folders.constants import MAX_NAME_LENGTH
from folders.models import Folder
from folders.permissions import get_root
from folders.views.pages import htmx_or_see_other, refused


@dataclass(frozen=True, slots=True)
class _Choice:
    """One operation, and how many units it would leave."""

    operation: Operation
    words: str
    count: int


@require_POST
def collection_combine(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Ask what to make of the ticked collections (with `ask`), and make it."""
    actor = actor_of(request)
    root = get_root(actor, root_id, FolderRole.EDITOR)
    try:
        chosen = _chosen(request, actor, root)
        operation = _operation(request, chosen)
    except InvalidInput as error:
        refused(request, error)
        return htmx_or_see_other(request, "collections-of-root", root.pk)
    if "ask" in request.POST:
        return _dialog(request, actor, root, chosen, operation)
    try:
        done = combine_collections(
            actor=actor,
            root=root,
            operation=operation,
            collections=[one.pk for one in chosen],
            **named(posted_parts(request)),
        )
    except (InvalidInput, Conflict) as error:
        return _dialog(request, actor, root, chosen, operation, error)
    messages.success(request, _words(done))
    return htmx_or_see_other(request, "collection", done.collection.pk)


def _chosen(request: HttpRequest, actor: Actor, root: Folder) -> list[Collection]:
    """The ticked collections that are still there, the one that others are taken from first."""
    ids = [_id(text) for text in request.POST.getlist("collection")]
    seen = Collection.objects.visible_to(actor).filter(root=root, pk__in=ids)
    found = list(seen.with_unit_counts(actor).order_by("name", "pk"))
    if not found:
        message = "Tick the collections that the new one is to be made of."
        raise InvalidInput(message, code="nothing_chosen")
    base = request.POST.get("base", "")
    return sorted(found, key=lambda one: str(one.pk) != base)


def _operation(request: HttpRequest, chosen: list[Collection]) -> Operation:
    given = request.POST.get("operation") or Operation.UNION
    if given not in Operation.values:
        message = "Choose what to do with the collections."
        raise InvalidInput(message, errors=[FieldError("operation", message, "choice")])
    return Operation(given) if len(chosen) > 1 else Operation.COPY


def _dialog(
    request: HttpRequest,
    actor: Actor,
    root: Folder,
    chosen: list[Collection],
    operation: Operation,
    error: DomainError | None = None,
) -> HttpResponse:
    said = posted_parts(request)
    context: dict[str, Any] = {
        "root": root,
        "chosen": chosen,
        "by_name": sorted(chosen, key=lambda one: one.name.casefold()),
        "operation": operation,
        "choices": _choices(actor, root, chosen),
        "colours": Colour,
        "said": ({"name": _copy_of(chosen[0])} if operation == Operation.COPY else {}) | said,
        "error": error,
    }
    return render(request, "collections/combine_dialog.html", context, status=status_of(error))


def _choices(actor: Actor, root: Folder, chosen: list[Collection]) -> list[_Choice]:
    """What can be made of them, with numbers; a single one can be copied."""
    operations = [Operation.UNION, Operation.INTERSECTION, Operation.DIFFERENCE]
    ids = [one.pk for one in chosen]
    choices = []
    for operation in operations if len(chosen) > 1 else [Operation.COPY]:
        made = combination(actor=actor, root=root, operation=operation, collections=ids)
        count = made.units(actor=actor, root=root).count()
        choices.append(_Choice(operation, _MEANINGS[operation], count))
    return choices


_MEANINGS = {
    Operation.COPY: "",
    Operation.UNION: "in any of them",
    Operation.INTERSECTION: "in all of them",
    Operation.DIFFERENCE: "in the first, and in none of the others",
}


def _copy_of(one: Collection) -> str:
    return f"Copy of {one.name}"[:MAX_NAME_LENGTH]


def _words(done: Collected) -> str:
    if done.job is not None:
        return f"{done.job.title}. You can go on; the work shows under Jobs."
    added = done.change.changed if done.change else 0
    return f"Created {done.collection.name} with {counted(added)}."


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        message = "Choose collections of the list."
        raise InvalidInput(message, errors=[FieldError("collection", message)]) from None
