"""What goes with a selection of items that is deleted."""

from dataclasses import dataclass, field

from django.db.models import Count, Q

from folders import hooks
from folders.choices import ItemKind, UnitKind
from folders.counts import Bounded, count_up_to
from folders.hooks import Content
from folders.models import Item, Unit
from folders.selections import Selection

# Of more items nothing further is counted: a page that asks "these?" has to be there at once.
_COUNTED = 50_000


@dataclass(frozen=True, slots=True)
class SelectionContents:
    """What goes with the items; nothing is known of a great many.

    Attributes:
        kinds: (kind of item, number) for kinds that occur.
        parts: images of groups and sequences.
        frames: units of frames.
        others: what the apps above keep of them.
    """

    kinds: list[tuple[str, int]] = field(default_factory=list)
    parts: Bounded = Bounded(0)  # noqa: RUF009  (frozen)
    frames: int = 0
    others: list[Content] = field(default_factory=list)


def selection_contents(selection: Selection) -> SelectionContents:
    """What would go with the items."""
    items = selection.items().order_by()
    if count_up_to(items, _COUNTED).more:
        return SelectionContents()
    kinds = dict(items.values_list("kind").annotate(Count("pk")))
    all_items = Item.objects.filter(Q(pk__in=items) | Q(parent__in=items), folder=selection.folder)
    units = Unit.objects.filter(folder=selection.folder, item__in=all_items).order_by()
    return SelectionContents(
        kinds=[(kind.label.lower(), kinds[kind]) for kind in ItemKind if kind in kinds],
        parts=count_up_to(Item.objects.filter(parent__in=items), _COUNTED),
        frames=units.filter(kind=UnitKind.FRAME).count(),
        others=hooks.unit_contents(units, selection.folder),
    )
