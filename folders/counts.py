"""How much is in a folder; every count is served by an index."""

from dataclasses import dataclass

from django.db.models import Count

from folders.choices import ItemState, UnitKind
from folders.models import Folder, Item, Unit


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """What a folder holds, subfolders included.

    `kinds` lists (kind of unit, number) for kinds that occur; `processing` and `failed` count
    items. The `signature` changes when the table of items has to be drawn anew.
    """

    units: int
    folders: int
    kinds: list[tuple[str, int]]
    processing: int
    failed: int

    @property
    def signature(self) -> str:
        """Equal while all counts are."""
        return f"{self.units}-{self.folders}-{self.processing}-{self.failed}"


@dataclass(frozen=True, slots=True)
class FolderContents:
    """What goes with a folder that is deleted; `folders` counts those below it."""

    items: int
    folders: int


def item_counts(folder: Folder) -> ItemCounts:
    """Counts of the folder and all below it; whoever sees the folder sees those, too."""
    below = Folder.objects.below(folder)
    found = Unit.objects.filter(folder__in=below).order_by().values_list("kind")
    kinds = dict(found.annotate(Count("pk")))
    states = (ItemState.PROCESSING, ItemState.FAILED)
    waiting = Item.objects.filter(folder__in=below, state__in=states).order_by()
    by_state = dict(waiting.values_list("state").annotate(Count("pk")))
    return ItemCounts(
        units=sum(kinds.values()),
        folders=below.count() - 1,
        kinds=[(UnitKind(kind).label.lower(), kinds[kind]) for kind in UnitKind if kind in kinds],
        processing=by_state.get(ItemState.PROCESSING, 0),
        failed=by_state.get(ItemState.FAILED, 0),
    )


def folder_contents(folder: Folder) -> FolderContents:
    """What would go with the folder."""
    below = Folder.objects.below(folder)
    items = Item.objects.filter(folder__in=below)
    return FolderContents(items=items.count(), folders=below.count() - 1)
