"""Making and naming folders; moves and deletions are in modules of their own."""

from uuid import uuid4

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed, NotFound
from core.services import audit
from folders.choices import FolderRole
from folders.constants import MAX_FOLDER_DEPTH
from folders.models import Folder, FolderGrant
from folders.names import clean_name
from folders.permissions import require_role
from folders.services.locks import share_tree


@transaction.atomic
def create_folder(
    *, actor: Actor, name: str, parent: Folder | None = None, description: str = ""
) -> Folder:
    """Create a folder; whoever creates a root folder administers it.

    Raises:
        InvalidInput: the name cannot be used, or the tree would get too deep.
        NotAllowed: the actor may not edit the parent, or is no member of the organisation.
        NotFound: the parent has just been deleted.
    """
    name = clean_name(name)
    share_tree(actor.organisation_id)
    if parent is None:
        require_membership(actor)
    else:
        parent = reload_folder(parent)
        require_role(actor, parent, FolderRole.EDITOR)
        require_depth(parent.depth + 1)
    folder = Folder(
        id=uuid4(),
        organisation=actor.organisation,
        name=name,
        description=description.strip(),
        parent=parent,
        created_by=actor.user,
    )
    folder.root = parent.root if parent else folder
    folder.path = f"{parent.path if parent else '/'}{folder.id.hex}/"
    folder.save(force_insert=True)
    if parent is None:
        FolderGrant.objects.create(folder=folder, user=actor.user, role=FolderRole.ADMIN)
    audit.record(actor=actor, action="folder.created", target=folder, data={"name": name})
    return folder


@transaction.atomic
def rename_folder(
    *, actor: Actor, folder: Folder, name: str | None = None, description: str | None = None
) -> Folder:
    """Change the folder's name, its description, or both; None leaves it.

    Raises:
        InvalidInput: the name cannot be used.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    # Only what was asked for is written: somebody else may change the other at the same time.
    changed = ["updated_at"]
    if name is not None:
        folder.name = clean_name(name)
        changed.append("name")
    if description is not None:
        folder.description = description.strip()
        changed.append("description")
    folder.save(update_fields=changed)
    audit.record(actor=actor, action="folder.renamed", target=folder, data={"name": folder.name})
    return folder


def reload_folder(folder: Folder) -> Folder:
    """The folder as it is under the lock.

    Raises:
        NotFound: it has just been deleted.
    """
    found = Folder.objects.filter(pk=folder.pk).first()
    if found is None:
        raise NotFound("There is no such folder.")
    return found


def require_membership(actor: Actor) -> None:
    """Raise NotAllowed unless the actor may have root folders of his own."""
    if actor.role is None or not actor.user.is_active:
        raise NotAllowed("Only people of the organisation may create root folders.")


def require_depth(depth: int) -> None:
    """Raise InvalidInput when a folder at the depth would lie too deep."""
    if depth >= MAX_FOLDER_DEPTH:
        raise InvalidInput(
            f"Folders can be nested {MAX_FOLDER_DEPTH} deep, no deeper.", code="folder_too_deep"
        )
