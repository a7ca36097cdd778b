"""Makes, changes and deletes collections."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.actor import Actor
from collections_app.choices import Colour
from collections_app.constants import MAX_DESCRIPTION
from collections_app.models import Collection
from collections_app.models.collection import NAME_CONSTRAINT
from collections_app.permissions import require_owner
from core.errors import Conflict, FieldError, InvalidInput
from core.services import audit
from folders.choices import FolderRole
from folders.constants import MAX_NAME_LENGTH
from folders.models import Folder
from folders.permissions import get_root


@transaction.atomic
def create_collection(
    *,
    actor: Actor,
    root: Folder,
    name: str,
    description: str = "",
    colour: int = Colour.NONE,
    collection_id: UUID | None = None,
) -> Collection:
    """An empty collection of the root folder.

    With an id, which the caller derives from what was asked, a collection that has it is returned
    as it is: whoever did not hear the answer asks again without making a second one.

    Raises:
        NotAllowed: the actor edits no part of the root.
        InvalidInput, Conflict: the name is empty, too long, or taken; there is no such colour.
    """
    get_root(actor, root.pk, FolderRole.EDITOR)
    if collection_id is not None:
        made = Collection.objects.filter(pk=collection_id, root=root, created_by=actor.user)
        if (collection := made.first()) is not None:
            return collection
    name = _checked_name(root, name)
    with _unless_taken(name):
        collection = Collection.objects.create(
            id=collection_id or uuid4(),
            root=root,
            name=name,
            description=_checked_description(description),
            colour=_checked_colour(colour),
            created_by=actor.user,
        )
    audit.record(actor=actor, action="collection.created", target=collection, data={"name": name})
    return collection


@transaction.atomic
def update_collection(
    *,
    actor: Actor,
    collection: Collection,
    name: str | None = None,
    description: str | None = None,
    colour: int | None = None,
) -> Collection:
    """Change name, description or colour; None leaves them.

    Raises:
        NotAllowed: the actor is not the collection's owner.
        InvalidInput, Conflict: the name is empty, too long, or taken; there is no such colour.
    """
    require_owner(actor, collection)
    before = {
        "name": collection.name,
        "description": collection.description,
        "colour": collection.colour,
    }
    # Only what was asked for is written: somebody else may change the other at the same time.
    changed = ["updated_at"]
    if name is not None:
        collection.name = _checked_name(collection.root, name, other_than=collection)
        changed.append("name")
    if description is not None:
        collection.description = _checked_description(description)
        changed.append("description")
    if colour is not None:
        collection.colour = _checked_colour(colour)
        changed.append("colour")
    with _unless_taken(collection.name):
        collection.save(update_fields=changed)
    audit.record(
        actor=actor, action="collection.updated", target=collection, data={"before": before}
    )
    return collection


@transaction.atomic
def delete_collection(*, actor: Actor, collection: Collection) -> None:
    """Delete the collection; its units stay.

    Raises:
        NotAllowed: the actor is not the collection's owner.
    """
    require_owner(actor, collection)
    audit.record(
        actor=actor,
        action="collection.deleted",
        target=collection,
        data={"name": collection.name, "recipe": collection.recipe},
    )
    collection.delete()


def _checked_name(root: Folder, name: str, other_than: Collection | None = None) -> str:
    name = name.strip()
    if not name or len(name) > MAX_NAME_LENGTH or "\x00" in name:
        message = f"Give a name of 1 to {MAX_NAME_LENGTH} characters."
        raise InvalidInput(message, errors=[FieldError(path="name", message=message)])
    candidate = Collection(root=root, name=name)
    if other_than is not None:
        candidate.pk, candidate._state.adding = other_than.pk, False
    try:
        candidate.validate_constraints()
    except ValidationError:
        raise _taken(name) from None
    return name


def _checked_description(text: str) -> str:
    if len(text) > MAX_DESCRIPTION or "\x00" in text:
        message = f"A description has at most {MAX_DESCRIPTION:,} characters, none of them NUL."
        raise InvalidInput(message, errors=[FieldError(path="description", message=message)])
    return text.strip()


def _checked_colour(colour: int) -> Colour:
    try:
        return Colour(colour)
    except ValueError:
        message = "Choose a colour of the palette."
        expected = f"a number from 0 (none) to {max(Colour.values)}"
        error = FieldError("colour", message, "choice", expected, str(colour)[:80])
        raise InvalidInput(message, errors=[error]) from None


@contextmanager
def _unless_taken(name: str) -> Iterator[None]:
    """Raise Conflict when somebody else has just given the name to another collection."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if NAME_CONSTRAINT not in str(error):
            raise
        raise _taken(name) from None


def _taken(name: str) -> Conflict:
    message = f"A collection named “{name}” exists already. Choose another name."
    return Conflict(message, code="name_taken", errors=[FieldError(path="name", message=message)])
