"""All units of a state in order, for a grid that shows any place of them."""

import numpy as np
from numpy.typing import NDArray

from accounts.actor import Actor
from collections_app.matching import filtered_units
from embeddings.copying import read_queryset
from explorer.ordering import order_named
from explorer.query import Row
from explorer.state import ExplorerState
from folders.models import Folder, Unit


def unit_sequence(*, actor: Actor, root: Folder, state: ExplorerState) -> NDArray[np.int64]:
    """Ids of the units that the state shows, in its order, of shape (n,).

    The order is that of `unit_page`, which needs no search; a search has a ranking of its own.
    """
    order = order_named(actor, state.order)
    units = filtered_units(actor=actor, root=root, tree=state.filter)
    rows = read_queryset(order.sort(units, None, None).values_list("pk"), [("pk", "i8")])
    return rows["pk"]


def rows_of(*, actor: Actor, root: Folder, state: ExplorerState, unit_ids: list[int]) -> list[Row]:
    """The named units that the actor sees, in the order they are named, as rows of a page.

    They need not match the filter any more: the grid keeps its order until it is asked anew.
    """
    order = order_named(actor, state.order)
    units = Unit.objects.visible_to(actor).filter(root=root, pk__in=unit_ids)
    found = {unit.pk: unit for unit in order.valued(units).select_related("item")}
    return [Row(found[unit_id]) for unit_id in unit_ids if unit_id in found]
