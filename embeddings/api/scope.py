"""The part of a root folder that a request is about."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from core.errors import NotFound
from folders import filters
from folders.models import Folder, Unit
from folders.permissions import get_folder, get_root
from folders.querysets import UnitQuerySet


@dataclass(frozen=True, slots=True)
class Scope:
    """A root folder and the units of it that are meant; None is all of them.

    Nothing here is cut by what the actor sees but by a filter's own means: searches and counts do.
    """

    root: Folder
    units: UnitQuerySet | None


def scope_of(actor: Actor, folder_id: UUID, *, tree: dict[str, Any] | None = None) -> Scope:
    """The folder with all below it, narrowed by a filter.

    Raises:
        NotFound: there is no such folder, or the actor sees nothing of it.
        InvalidInput: the filter is wrong.
    """
    try:
        # Whoever sees only a part of a root may ask about it, and gets that part.
        root, below = get_root(actor, folder_id), None
    except NotFound:
        below = get_folder(actor, folder_id)
        root = below.root
    units = None
    if tree is not None:
        units = filters.units(actor, root, filters.parse(tree))
    if below is not None:
        folders = Folder.objects.below(below)
        units = (Unit.objects.all() if units is None else units).filter(folder__in=folders)
    return Scope(root=root, units=units)
