"""How much is in a folder, in a time that does not grow with it.

Units are counted by triggers as they come and go (folders.models.UnitCount): a page adds up one
number for each folder below, exact and in milliseconds for thousands of folders and any number of
units. What nobody counts beforehand is counted up to a limit, and the page says "10,000+".
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from folders import hooks
from folders.choices import ItemState, UnitKind
from folders.hooks import Content
from folders.models import Folder, Item, UnitCount

_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Bounded:
    """A number that was counted up to a limit; false when it is 0."""

    number: int
    more: bool = False

    def __bool__(self) -> bool:
        return self.number > 0

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.more else ''}"

    def of(self, noun: str) -> str:
        """With its noun: 1 item, 10,000+ items."""
        return f"{self} {noun if self.number == 1 and not self.more else noun + 's'}"


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """What a folder holds, subfolders included.

    `kinds` lists (kind of unit, number) for kinds that occur; `processing` and `failed` count
    items. The `signature` changes when the table of items has to be drawn anew.
    """

    units: int
    folders: Bounded
    kinds: list[tuple[str, int]]
    processing: Bounded
    failed: Bounded

    @property
    def signature(self) -> str:
        """Equal while all counts are."""
        return f"{self.units}-{self.folders}-{self.processing}-{self.failed}"


@dataclass(frozen=True, slots=True)
class FolderContents:
    """What goes with a folder that is deleted.

    Attributes:
        folders: those below it.
        kinds: (kind of item, number) for kinds that occur.
        frames: units of frames.
        others: what the apps above keep of it.
    """

    folders: Bounded
    kinds: list[tuple[str, int]]
    frames: int
    others: list[Content]

    @property
    def items(self) -> int:
        """Items of all kinds."""
        return sum(number for _, number in self.kinds)

    @property
    def units(self) -> int:
        """Items and frames."""
        return self.items + self.frames

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to lose."""
        return not (self.units or self.folders or any(other.count for other in self.others))


def item_counts(folder: Folder) -> ItemCounts:
    """Counts of the folder and all below it; whoever sees the folder sees those, too."""
    below = Folder.objects.below(folder)
    kinds = units_by_kind(below)
    items = Item.objects.filter(folder__in=below)
    return ItemCounts(
        units=sum(kinds.values()),
        folders=count_up_to(below.exclude(pk=folder.pk)),
        kinds=[(UnitKind(kind).label.lower(), kinds[kind]) for kind in UnitKind if kind in kinds],
        processing=count_up_to(items.filter(state=ItemState.PROCESSING)),
        failed=count_up_to(items.filter(state=ItemState.FAILED)),
    )


def folder_contents(folder: Folder) -> FolderContents:
    """What would go with the folder."""
    below = Folder.objects.below(folder)
    kinds = units_by_kind(below)
    frames = kinds.pop(UnitKind.FRAME, 0)
    return FolderContents(
        folders=count_up_to(below.exclude(pk=folder.pk)),
        kinds=[(UnitKind(kind).label.lower(), kinds[kind]) for kind in UnitKind if kind in kinds],
        frames=frames,
        others=hooks.folder_contents(folder),
    )


def count_up_to(rows: QuerySet[Folder] | QuerySet[Item], limit: int = _COUNTED) -> Bounded:
    """How many rows there are; no more than the limit are looked at."""
    found = rows.order_by()[: limit + 1].count()
    return Bounded(min(found, limit), more=found > limit)


def units_below(folders: list[Folder]) -> dict[UUID, int]:
    """Units in each of the folders and below it, by the folder's id."""
    with connection.cursor() as cursor:
        # The operators are those of the index on paths; "~" comes behind all that a path holds.
        cursor.execute(
            """
            SELECT wanted.id, sum(c.units)
            FROM unnest(%s::uuid[], %s::text[]) AS wanted (id, path)
            JOIN folders_folder f ON f.path ~>=~ wanted.path AND f.path ~<~ (wanted.path || '~')
                AND f.deleted_at IS NULL
            JOIN folders_unitcount c ON c.folder_id = f.id
            GROUP BY wanted.id
            """,
            [[folder.pk for folder in folders], [folder.path for folder in folders]],
        )
        return {folder_id: int(units) for folder_id, units in cursor.fetchall()}


def units_by_kind(folders: QuerySet[Folder]) -> dict[str, int]:
    """Units in the folders by their kind, for kinds that occur."""
    counted = UnitCount.objects.filter(folder__in=folders).order_by().values_list("kind")
    return {kind: units for kind, units in counted.annotate(Sum("units")) if units}
