"""What the Explorer page lets the actor do, so that it offers nothing that would be refused."""

from accounts.actor import Actor
from folders.choices import FolderRole
from folders.models import Folder


def may_collect(actor: Actor, root: Folder) -> bool:
    """Whether the actor edits some part of the root, and so may keep collections of it."""
    return Folder.objects.visible_to(actor, FolderRole.EDITOR).filter(root=root).exists()
