"""All units of a state in order, for a grid that shows any place of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.actor import Actor
from collections_app.matching import embedding_key, filtered_units
from embeddings.copying import read_queryset
from embeddings.search.ranked import MAX_RANKED, hits_of, ranked_units
from embeddings.search.ranking import Order
from explorer.ordering import order_named
from explorer.query import Row
from explorer.state import ExplorerState
from folders.models import Folder, Unit


def unit_sequence(*, actor: Actor, root: Folder, state: ExplorerState) -> NDArray[np.int64]:
    """Ids of the units that the state shows, in the order of `unit_page`, of shape (n,).

    Of a search these are the first MAX_RANKED hits.
    """
    units = filtered_units(actor=actor, root=root, tree=state.filter)
    if state.search is not None:
        return ranked_units(
            **_question(actor, root, state),
            units=units,
            max_distance=state.distance,
            order=Order.FARTHEST if state.farthest else Order.NEAREST,
            roll_up=state.roll_up,
            limit=MAX_RANKED,
        )
    order = order_named(actor, state.order)
    rows = read_queryset(order.sort(units, None, None).values_list("pk"), [("pk", "i8")])
    return rows["pk"]


def rows_of(*, actor: Actor, root: Folder, state: ExplorerState, unit_ids: list[int]) -> list[Row]:
    """The named units that the actor sees, in the order they are named, as rows of a page.

    They need not match the filter any more: the grid keeps its order until it is asked anew.
    """
    units = Unit.objects.visible_to(actor).filter(root=root, pk__in=unit_ids)
    if state.search is not None:
        found = units.select_related("item").in_bulk()
        hits = hits_of(**_question(actor, root, state), unit_ids=found)
        return [Row(found[one], hits.get(one)) for one in unit_ids if one in found]
    valued = order_named(actor, state.order).valued(units).select_related("item")
    found = {unit.pk: unit for unit in valued}
    return [Row(found[unit_id]) for unit_id in unit_ids if unit_id in found]


def _question(actor: Actor, root: Folder, state: ExplorerState) -> dict[str, Any]:
    """What a search asks, in arguments that all searches take."""
    asked = state.search
    assert asked is not None  # noqa: S101  (the caller asked)
    key = embedding_key(actor, asked.key)
    return {"actor": actor, "root": root, "key": key, "query": asked.example()}
