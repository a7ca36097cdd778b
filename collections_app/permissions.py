"""Policy of collections: who sees them, who changes them."""

from uuid import UUID

from accounts.actor import Actor
from collections_app.models import Collection
from core.errors import NotAllowed, NotFound
from folders.choices import FolderRole
from folders.permissions import get_root, has_role


def get_collection(
    actor: Actor, collection_id: UUID, role: FolderRole = FolderRole.VIEWER
) -> Collection:
    """The collection, if the actor holds the role somewhere in its root folder.

    Raises:
        NotFound: there is no such collection, or the actor may not see it.
        NotAllowed: the actor sees it but holds a weaker role.
    """
    collection = (
        Collection.objects.visible_to(actor)
        .select_related("root", "created_by")
        .filter(pk=collection_id)
        .first()
    )
    if collection is None:
        raise NotFound("There is no such collection, or you have no access to it.")
    get_root(actor, collection.root_id, role)
    return collection


def require_owner(actor: Actor, collection: Collection) -> None:
    """Raise NotAllowed unless the actor made the collection or edits its whole root folder.

    Deleting and renaming touch what others see in parts of the root that the actor may not know.
    """
    if not is_owner(actor, collection):
        raise NotAllowed(
            f"Only who made “{collection.name}”, or an editor of the whole folder, may do this."
        )


def is_owner(actor: Actor, collection: Collection) -> bool:
    """Whether the actor made the collection and may still edit, or edits its whole root folder."""
    if has_role(actor, collection.root, FolderRole.EDITOR):
        return True
    mine = collection.created_by_id == actor.user.pk
    return mine and Collection.objects.visible_to(actor, FolderRole.EDITOR).contains(collection)
