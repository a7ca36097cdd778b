"""A page by name where nothing is filtered: read from the index of names, folder by folder.

Names are the items', and their index begins with the folder. PostgreSQL does not merge several
folders by it, and sorts all units of the root for one page: two thirds of a second at a million.
The first units of each folder are all that a page can be made of, and are there in a millisecond.
With a filter the index may have to be walked to its end, so that is left to the planner.
"""

from accounts.actor import Actor
from explorer.ordering import Order
from folders.models import Folder, Unit
from folders.querysets import UnitQuerySet

# Each costs some milliseconds; beyond, sorting some hundred thousand units is quicker.
MOST_FOLDERS = 20


def page_by_name(
    *, actor: Actor, root: Folder, order: Order, cursor: str | None, limit: int
) -> UnitQuerySet | None:
    """The page behind the cursor, as `order.sort` gives it; None when this is no way to it."""
    if Folder.everything.filter(moved_from=root.pk).exists():
        # Units that are still to follow a folder out of here are in none of the root's folders.
        return None
    visible = Folder.objects.visible_to(actor).filter(root=root)
    folders = list(visible.values_list("pk", flat=True)[: MOST_FOLDERS + 1])
    if not 1 <= len(folders) <= MOST_FOLDERS:
        return None
    units = Unit.objects.filter(root=root)
    parts = [
        order.sort(units.filter(item__folder=folder), cursor, limit).values("pk")
        for folder in folders
    ]
    first = parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]
    return order.sort(Unit.objects.filter(pk__in=first), None, limit)
