"""Reads of the embeddings app; each starts from what the actor may see."""

from accounts.actor import Actor
from folders.models import Folder, Unit
from folders.permissions import sees_whole_root
from folders.querysets import UnitQuerySet


def units_to_search(
    actor: Actor, root: Folder, units: UnitQuerySet | None = None
) -> UnitQuerySet | None:
    """The root's units, or `units` of them, cut by what the actor may see.

    None stands for the whole root, which needs no look at the units at all.
    """
    if sees_whole_root(actor, root):
        return None if units is None else units.filter(root=root)
    if units is None:
        units = Unit.objects.all()
    return units.filter(root=root).visible_to(actor)
