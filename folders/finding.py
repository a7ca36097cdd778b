"""Finding folders and items by name, wherever they lie."""

from dataclasses import dataclass

from django.db.models.functions import Lower

from accounts.actor import Actor
from folders.models import Folder, Item

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Found:
    """The first folders with the text in their names, and items whose names begin with it.

    Folders are thousands, and their names are looked through; items are millions, and an index
    finds the beginnings of their names, in any case of letters.
    """

    folders: list[Folder]
    items: list[Item]
    more_folders: bool
    more_items: bool


def find_by_name(actor: Actor, text: str) -> Found:
    """What the actor sees by that name; nothing for an empty text."""
    if not text:
        return Found([], [], more_folders=False, more_items=False)
    named = Folder.objects.visible_to(actor).filter(name__icontains=text)
    folders = list(named.order_by("name", "pk")[: MOST_FOUND + 1])
    begin = Item.objects.visible_to(actor).filter(parent=None).annotate(lower_name=Lower("name"))
    # Not in order of names: that would have to find all of them first.
    matching = begin.filter(lower_name__startswith=text.lower()).select_related("folder")
    items = list(matching[: MOST_FOUND + 1])
    return Found(
        folders=folders[:MOST_FOUND],
        items=sorted(items[:MOST_FOUND], key=lambda item: (item.name.lower(), item.pk)),
        more_folders=len(folders) > MOST_FOUND,
        more_items=len(items) > MOST_FOUND,
    )
