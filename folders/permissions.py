"""Policy of folders: who may do what, where."""

from uuid import UUID

from accounts.actor import Actor
from core.errors import NotAllowed, NotFound
from folders.choices import FolderRole
from folders.models import Folder


def get_folder(actor: Actor, folder_id: UUID, role: FolderRole = FolderRole.VIEWER) -> Folder:
    """The folder, if the actor holds the role on it.

    Raises:
        NotFound: there is no such folder, or the actor may not see it.
        NotAllowed: the actor sees the folder but holds a weaker role.
    """
    folder = Folder.objects.visible_to(actor).filter(pk=folder_id).first()
    if folder is None:
        raise NotFound("There is no such folder, or you have no access to it.")
    require_role(actor, folder, role)
    return folder


def require_role(actor: Actor, folder: Folder, role: FolderRole) -> None:
    """Raise NotAllowed unless the actor holds the role on the folder."""
    if not has_role(actor, folder, role):
        raise NotAllowed(f"This takes the role “{role.label}” on the folder “{folder.name}”.")


def has_role(actor: Actor, folder: Folder, role: FolderRole) -> bool:
    """Whether the actor holds the role, or a stronger one, on the folder."""
    return Folder.objects.visible_to(actor, role).filter(pk=folder.pk).exists()


def sees_whole_root(actor: Actor, root: Folder) -> bool:
    """Whether nothing of the root is hidden from the actor."""
    return has_role(actor, root, FolderRole.VIEWER)


def get_root(actor: Actor, root_id: UUID, role: FolderRole = FolderRole.VIEWER) -> Folder:
    """The root folder, if the actor holds the role on it or on some folder below it.

    The Explorer, upgrades, maps and collections belong to a root; whoever sees only a part of it
    opens the root all the same, and gets that part.

    Raises:
        NotFound: there is no such root, or the actor sees nothing of it.
        NotAllowed: the actor sees some of it but holds a weaker role.
    """
    visible = Folder.objects.visible_to(actor).filter(root=root_id)
    root = Folder.objects.filter(pk=root_id, pk__in=visible.values("root")).first()
    if root is None:
        raise NotFound("There is no such folder, or you have no access to it.")
    if not Folder.objects.visible_to(actor, role).filter(root=root).exists():
        raise NotAllowed(f"This takes the role “{role.label}” in the folder “{root.name}”.")
    return root
