"""The one query of the Explorer: a page of the units of a state."""

from dataclasses import dataclass

from accounts.actor import Actor
from collections_app.matching import embedding_key, filtered_units
from embeddings.search import Hit, SearchPage, search
from embeddings.search.ranking import Order
from explorer.by_name import page_by_name
from explorer.constants import PAGE_SIZE
from explorer.ordering import Order as UnitOrder
from explorer.ordering import order_named
from explorer.state import ExplorerState
from folders import filters
from folders.models import Folder, Unit
from folders.querysets import UnitQuerySet


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of a page, with its item; its hit in a similarity search."""

    unit: Unit
    hit: Hit | None = None

    @property
    def distance(self) -> float | None:
        """In a similarity search."""
        return self.hit.distance if self.hit else None


@dataclass(frozen=True, slots=True)
class UnitPage:
    """Units in order, the cursor behind them (None at the end), and how a search found them.

    `gone` hits of a search were deleted since they were ranked.
    """

    rows: list[Row]
    next_cursor: str | None
    search: SearchPage | None = None
    gone: int = 0


def unit_page(
    *,
    actor: Actor,
    root: Folder,
    state: ExplorerState,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
    histogram: bool = False,
) -> UnitPage:
    """One page of what the state shows the actor; queries do not grow with its length.

    With `histogram` the first page of a search comes with its distances in numbers.
    """
    if state.search is not None:
        return _searched(actor, root, state, cursor, limit, histogram=histogram)
    order = order_named(actor, state.order)
    # One more than asked for tells whether there is a next page.
    found = list(_sorted(actor, root, state, order, cursor, limit + 1).select_related("item"))
    more = len(found) > limit
    page = found[:limit]
    return UnitPage(
        rows=[Row(unit) for unit in page],
        next_cursor=order.cursor(page[-1]) if more else None,
    )


def _sorted(
    actor: Actor,
    root: Folder,
    state: ExplorerState,
    order: UnitOrder,
    cursor: str | None,
    limit: int,
) -> UnitQuerySet:
    if order.is_total and state.filter is None:
        page = page_by_name(actor=actor, root=root, order=order, cursor=cursor, limit=limit)
        if page is not None:
            return page
    units = filtered_units(actor=actor, root=root, tree=state.filter)
    return order.sort(units, cursor, limit)


def count_units(*, actor: Actor, root: Folder, state: ExplorerState) -> int:
    """How many units the state shows the actor, over all pages."""
    if state.search is None:
        node = filters.parse(state.filter) if state.filter is not None else None
        return filters.count_units(actor, root, node)
    return state.matching.units(actor=actor, root=root).count()


def _searched(
    actor: Actor,
    root: Folder,
    state: ExplorerState,
    cursor: str | None,
    limit: int,
    *,
    histogram: bool,
) -> UnitPage:
    asked = state.search
    assert asked is not None  # noqa: S101  (the caller asked)
    hits = search(
        actor=actor,
        root=root,
        key=embedding_key(actor, asked.key),
        query=asked.example(),
        units=filtered_units(actor=actor, root=root, tree=state.filter),
        limit=limit,
        cursor=cursor,
        max_distance=asked.max_distance,
        order=Order.FARTHEST if state.farthest else Order.NEAREST,
        roll_up=state.roll_up,
        histogram=histogram,
    )
    seen = Unit.objects.visible_to(actor).select_related("item")
    units = seen.in_bulk([hit.unit_id for hit in hits.hits])
    rows = [Row(units[hit.unit_id], hit) for hit in hits.hits if hit.unit_id in units]
    gone = len(hits.hits) - len(rows)
    return UnitPage(rows=rows, next_cursor=hits.next_cursor, search=hits, gone=gone)
