"""Writes to the folder tree; see folders.services.deletion for the end of a folder."""

from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max, TextField, Value
from django.db.models.functions import Concat, Length, Substr

from accounts.actor import Actor
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.services import audit
from folders import hooks
from folders.choices import FolderRole
from folders.constants import BATCH_SIZE, MAX_FOLDER_DEPTH
from folders.models import Folder, FolderGrant, Unit
from folders.names import clean_name
from folders.permissions import require_role
from folders.services.locks import own_tree, share_tree


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
        _require_membership(actor)
    else:
        parent = _reload(parent)
        require_role(actor, parent, FolderRole.EDITOR)
        _require_depth(parent.depth + 1)
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


@transaction.atomic
def move_folder(*, actor: Actor, folder: Folder, parent: Folder | None) -> Folder:
    """Put the folder, with all it holds, below another folder, or make it a root folder.

    Grants above the old place end to hold for it and those above the new one begin to, so this
    takes the role admin on the folder.

    Raises:
        Conflict: the new parent lies below the folder, or the folder is a root folder with things
            that only root folders have, such as maps and collections.
        InvalidInput: the tree would get too deep.
        NotAllowed: the actor does not administer the folder, or may not edit the parent.
        NotFound: the folder or the parent has just been deleted.
    """
    own_tree(actor.organisation_id)
    folder = _reload(folder)
    require_role(actor, folder, FolderRole.ADMIN)
    if parent is None:
        _require_membership(actor)
    else:
        parent = _reload(parent)
        require_role(actor, parent, FolderRole.EDITOR)
        if parent.path.startswith(folder.path):
            raise Conflict("A folder cannot be moved below itself.", code="folder_below_itself")
        if folder.is_root:
            hooks.before_root_absorbed(folder)
    old_parent, old_root = folder.parent_id, folder.root_id
    if old_parent == (parent.pk if parent else None):
        return folder
    _move_subtree(folder, parent)
    folder.refresh_from_db()
    if parent is None:
        FolderGrant.objects.get_or_create(
            folder=folder, user=actor.user, defaults={"role": FolderRole.ADMIN}
        )
    if folder.root_id != old_root:
        _move_units(folder, old_root)
    audit.record(
        actor=actor,
        action="folder.moved",
        target=folder,
        data={"from": str(old_parent or ""), "to": str(folder.parent_id or "")},
    )
    return folder


def _reload(folder: Folder) -> Folder:
    """The folder as it is under the lock."""
    found = Folder.objects.filter(pk=folder.pk).first()
    if found is None:
        raise NotFound("There is no such folder.")
    return found


def _move_subtree(folder: Folder, parent: Folder | None) -> None:
    """Give the folder and its descendants their new paths and root, in one statement each."""
    below = Folder.objects.below(folder)
    deepest = below.aggregate(longest=Max(Length("path")))["longest"]
    prefix = parent.path if parent else "/"
    levels = (deepest - len(folder.path)) // (len(folder.id.hex) + 1)
    _require_depth((parent.depth + 1 if parent else 0) + levels)
    root = parent.root_id if parent else folder.pk
    # A path shorter by the segments of the old parents, longer by those of the new.
    kept_from = len(folder.path) - len(folder.id.hex)
    Folder.objects.filter(pk=folder.pk).update(parent=parent, root=root)
    below.update(
        root=root,
        path=Concat(Value(prefix), Substr("path", kept_from), output_field=TextField()),
    )


def _move_units(folder: Folder, old_root: UUID) -> None:
    """Tell the units below the folder, and the apps above, that the root has changed."""
    units = Unit.objects.filter(folder__in=Folder.objects.below(folder)).exclude(root=folder.root)
    while batch := list(units.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE]):
        Unit.objects.filter(pk__in=batch).update(root=folder.root)
        hooks.on_units_moved(batch, old_root, folder.root_id)


def _require_membership(actor: Actor) -> None:
    if actor.role is None or not actor.user.is_active:
        raise NotAllowed("Only people of the organisation may create root folders.")


def _require_depth(depth: int) -> None:
    if depth >= MAX_FOLDER_DEPTH:
        raise InvalidInput(
            f"Folders can be nested {MAX_FOLDER_DEPTH} deep, no deeper.", code="folder_too_deep"
        )
