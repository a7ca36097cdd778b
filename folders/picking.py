"""The tree from which somebody chooses where something goes."""

from dataclasses import dataclass
from uuid import UUID

from accounts.actor import Actor
from folders.choices import FolderRole
from folders.models import Folder
from folders.tree import MAX_CHILDREN, topmost

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """A folder of the tree.

    Attributes:
        folder: the folder.
        above: names of the visible folders above it, from the top; filled in by a search.
        is_possible: the actor may put things there, and it does not lie in what is moved.
        is_parent: it has folders below it.
    """

    folder: Folder
    above: tuple[str, ...]
    is_possible: bool
    is_parent: bool


def choices_below(
    actor: Actor, folder: Folder | None, moving: Folder | None = None
) -> list[Choice]:
    """The folders directly below one, or the topmost ones, as places for something.

    Args:
        actor: who chooses.
        folder: whose children; None for the topmost folders that the actor sees.
        moving: the folder that is to go there, if it is one: neither itself nor below itself.
    """
    visible = Folder.objects.visible_to(actor)
    rows = topmost(actor) if folder is None else visible.filter(parent=folder)
    return _choices(actor, list(rows.order_by("name", "pk")[:MAX_CHILDREN]), moving, above={})


def search_choices(actor: Actor, text: str, moving: Folder | None = None) -> list[Choice]:
    """Folders with the text in their names, wherever they lie."""
    named = Folder.objects.visible_to(actor).filter(name__icontains=text)
    rows = list(named.order_by("name", "pk")[:MOST_FOUND])
    ids = {part for row in rows for part in _parts(row)}
    above = Folder.objects.visible_to(actor).in_bulk(ids)
    return _choices(actor, rows, moving, above)


def _choices(
    actor: Actor, rows: list[Folder], moving: Folder | None, above: dict[UUID, Folder]
) -> list[Choice]:
    editable = Folder.objects.visible_to(actor, FolderRole.EDITOR)
    ids = [row.pk for row in rows]
    # Asked for the rows that are shown, not for all from which these are taken.
    parents = set(Folder.objects.filter(parent__in=ids).values_list("parent", flat=True).distinct())
    possible = set(editable.filter(pk__in=ids).values_list("pk", flat=True))
    return [
        Choice(
            folder=row,
            above=tuple(above[part].name for part in _parts(row)[:-1] if part in above),
            is_possible=row.pk in possible and not (moving and row.path.startswith(moving.path)),
            is_parent=row.pk in parents,
        )
        for row in rows
    ]


def _parts(folder: Folder) -> list[UUID]:
    return [UUID(part) for part in folder.path.strip("/").split("/")]
