"""The units of a search in order, for a grid that shows any place of them; distances of some."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from accounts.actor import Actor
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.examples import Example
from embeddings.search.question import ask
from embeddings.search.ranking import Order, Ranker
from embeddings.search.results import Hit
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet

# Each is measured exactly, to settle its place among its neighbours; further ones are hardly looked
# for by scrolling, and a threshold brings them nearer.
MAX_RANKED = 20_000


def ranked_units(
    *,
    actor: Actor,
    root: Folder,
    key: MetadataKey,
    query: Example,
    units: UnitQuerySet | None = None,
    max_distance: float | None = None,
    order: Order = Order.NEAREST,
    roll_up: bool = False,
    limit: int,
) -> npt.NDArray[np.int64]:
    """Ids of the first hits, in the order in which the exact engines page through them.

    The arguments are those of `search`.

    Raises:
        NotFound, InvalidInput: as `search` does.
    """
    engine = engine_named(DEFAULT_ENGINE)
    question = ask(
        actor=actor, root=root, key=key, example=query, units=units, max_distance=max_distance
    )
    ranker = Ranker(engine, question, order, roll_up, reads_all=True)
    # As the first page of the Explorer, which draws a histogram, so that both have one order.
    ranker.bounds()
    hits = ranker.hits(after=None, limit=limit)
    return np.array([hit.unit_id for hit in hits], dtype=np.int64)


def hits_of(
    *, actor: Actor, root: Folder, key: MetadataKey, query: Example, unit_ids: Iterable[int]
) -> dict[int, Hit]:
    """Units with their distances from a query, without their places; some have none.

    Raises:
        NotFound, InvalidInput: as `search` does.
    """
    engine = engine_named(DEFAULT_ENGINE)
    question = ask(actor=actor, root=root, key=key, example=query, units=None, max_distance=None)
    found = engine.distances_of(question, np.array(list(unit_ids), dtype=np.int64))
    return {unit_id: Hit(unit_id, distance) for unit_id, distance in found.items()}
