"""Makes a collection out of others: a copy, a union, an intersection, a difference."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from collections_app.choices import Colour, Operation
from collections_app.constants import MAX_COMBINED
from collections_app.matching import Matching
from collections_app.models import Collection
from collections_app.services.collect import Collected, collect
from collections_app.sets import tree_of
from core.errors import FieldError, InvalidInput, NotFound
from folders.models import Folder


@transaction.atomic
def combine_collections(
    *,
    actor: Actor,
    root: Folder,
    operation: Operation,
    collections: Sequence[UUID],
    name: str,
    description: str = "",
    colour: int = Colour.NONE,
) -> Collected:
    """A new collection of what the operation makes of others at this moment.

    Many units are added by a job. Of the others the actor gets what he sees.

    Args:
        actor: edits some part of the root.
        root: theirs, and the new one's.
        operation: see Operation.
        collections: in order; the first is what a difference takes the others from.
        name, description, colour: of the new one.

    Raises:
        NotFound: one of them is not there for the actor.
        InvalidInput: none is chosen, too few or too many, or one belongs to another root.
        NotAllowed, Conflict: as create_collection does.
    """
    wanted = combination(actor=actor, root=root, operation=operation, collections=collections)
    return collect(
        actor=actor,
        root=root,
        name=name,
        description=description,
        colour=colour,
        matching=wanted,
    )


def combination(
    *, actor: Actor, root: Folder, operation: Operation, collections: Sequence[UUID]
) -> Matching:
    """The units that `combine_collections` would put into a new one.

    Raises:
        NotFound, InvalidInput: see there.
    """
    ids = list(dict.fromkeys(collections))
    _require_number(operation, len(ids))
    seen = Collection.objects.visible_to(actor).filter(pk__in=ids)
    roots = dict(seen.values_list("pk", "root"))
    if missing := [one for one in ids if one not in roots]:
        error = FieldError(f"collections.{ids.index(missing[0])}", "It is not there.", "not_found")
        message = "There is no such collection, or you have no access to it."
        raise NotFound(message, errors=[error])
    if strange := [n for n, one in enumerate(ids) if roots[one] != root.pk]:
        message = f"Choose collections of “{root.name}” alone; others belong to another folder."
        errors = [FieldError(f"collections.{n}", message, "different_roots") for n in strange]
        raise InvalidInput(message, code="different_roots", errors=errors)
    return Matching(filter=tree_of(operation, ids), operation=operation.value)


def _require_number(operation: Operation, chosen: int) -> None:
    message = ""
    code = "nothing_chosen"
    if not chosen:
        message = "Choose the collections that the new one is to be made of."
    elif operation == Operation.COPY and chosen > 1:
        message, code = "Copy one collection at a time; a union puts several into one.", "too_many"
    elif operation != Operation.COPY and chosen < 2:
        message = f"{operation.label} takes at least two collections. Choose another one."
    elif chosen > MAX_COMBINED:
        message, code = f"At most {MAX_COMBINED} collections become one at a time.", "too_many"
    if message:
        expected = "one" if operation == Operation.COPY else f"2 to {MAX_COMBINED}"
        error = FieldError("collections", message, code, expected, str(chosen))
        raise InvalidInput(message, code=code, errors=[error])
