"""Collections as sets of items, for those who know no units.

A collection holds units. An item is in it when the unit of the item as a whole is, or that of one
of its frames; adding an item adds the first, removing it removes them all. A frame of an image
sequence is an image of its own, and stands for itself.
"""

from collections.abc import Collection as Container
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.actor import Actor
from collections_app.models import Collection, CollectionUnit
from core.cursors import pack, unpack
from core.errors import InvalidInput
from folders.choices import ItemKind
from folders.models import Folder, Item, Unit

_SEQUENCE = Q(item__kind=ItemKind.IMAGE_SEQUENCE)


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some items of a collection; `next_cursor` leads to those that follow, empty at the end.

    `seen` are those of the ids that the actor may look at.
    """

    item_ids: list[UUID]
    seen: dict[UUID, Item]
    next_cursor: str = ""


def member_items(
    *, actor: Actor, collection: Collection, cursor: str, limit: int, hidden: bool = False
) -> MemberPage:
    """The next items of a collection, in the order in which their units were made.

    Args:
        actor: sees the collection.
        collection: of a root folder.
        cursor: `next_cursor` of the page before, empty for the first page.
        limit: most items of a page.
        hidden: name also those that the actor may not look at.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    units = Unit.objects.all() if hidden else Unit.objects.visible_to(actor)
    members = units.filter(root=collection.root_id, collection_members__collection=collection)
    # Of an item with many frames, the first one speaks for all.
    earlier = CollectionUnit.objects.filter(
        collection=collection, unit__item=OuterRef("item"), unit__lt=OuterRef("pk")
    )
    firsts = members.filter(_SEQUENCE | ~Exists(earlier)).filter(pk__gt=_last(cursor))
    rows = list(firsts.order_by("pk").values_list("pk", "item", "frame", "item__kind")[: limit + 1])
    page = rows[:limit]
    ids = _items_of([(item, frame, kind) for _, item, frame, kind in page])
    seen = Item.objects.visible_to(actor).select_related("folder").in_bulk(ids)
    return MemberPage(ids, seen, pack([page[-1][0]]) if len(rows) > limit else "")


def own_units(actor: Actor, root: Folder, item_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The units of items as wholes, those of an image sequence's images being its frames.

    Items that the actor does not see, or that lie below another root folder, are left out.
    """
    wanted = set(item_ids)
    seen = Unit.objects.visible_to(actor).filter(root=root)
    found = dict(seen.filter(item__in=wanted, frame=None).values_list("item", "pk"))
    frames = _frames_of_parts(actor, wanted - found.keys())
    units = seen.filter(
        item__in={whole for whole, _ in frames}, frame__in={frame for _, frame in frames}
    )
    for unit_id, item_id, frame in units.values_list("pk", "item", "frame"):
        part = frames.get((item_id, frame))
        if part is not None:
            found[part] = unit_id
    return found


def all_units(actor: Actor, root: Folder, item_ids: Iterable[UUID]) -> dict[UUID, list[int]]:
    """As own_units, with the frames of videos."""
    units = {item_id: [unit_id] for item_id, unit_id in own_units(actor, root, item_ids).items()}
    seen = Unit.objects.visible_to(actor).filter(root=root, item__in=units.keys())
    frames = seen.filter(frame__isnull=False).exclude(_SEQUENCE)
    for item_id, unit_id in frames.values_list("item", "pk"):
        units[item_id].append(unit_id)
    return units


def items_by_name(actor: Actor, root: Folder, names: Container[str]) -> dict[str, list[UUID]]:
    """Items of a root folder by their exact names, parts of groups and sequences left out."""
    items = Item.objects.visible_to(actor).filter(folder__root=root, parent=None)
    found: dict[str, list[UUID]] = {}
    for name, item_id in items.filter(name__in=names).values_list("name", "pk"):
        found.setdefault(name, []).append(item_id)
    return found


def _frames_of_parts(
    actor: Actor, item_ids: set[UUID]
) -> dict[tuple[UUID | None, int | None], UUID]:
    """Which frame of which sequence an image is."""
    parts = Item.objects.visible_to(actor).filter(
        pk__in=item_ids, parent__kind=ItemKind.IMAGE_SEQUENCE
    )
    return {
        (whole, place): item_id
        for item_id, whole, place in parts.values_list("pk", "parent", "position")
    }


def _items_of(rows: list[tuple[UUID, int | None, str]]) -> list[UUID]:
    """The items that units stand for."""
    frames = {
        (item, frame)
        for item, frame, kind in rows
        if frame is not None and kind == ItemKind.IMAGE_SEQUENCE
    }
    parts = Item.objects.filter(
        parent__in={item for item, _ in frames}, position__in={frame for _, frame in frames}
    )
    by_place: dict[tuple[UUID | None, int | None], UUID] = {
        (whole, place): item_id
        for item_id, whole, place in parts.values_list("pk", "parent", "position")
    }
    return [by_place.get((item, frame), item) for item, frame, _ in rows]


def _last(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        (last,) = unpack(cursor)
        return int(last)
    except (ValueError, TypeError) as error:
        message = "The address leads to no page. Start at the first one."
        raise InvalidInput(message, code="bad_cursor") from error
