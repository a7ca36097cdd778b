"""The distance of every unit at once, for drawing."""

import numpy as np
import numpy.typing as npt

from accounts.actor import Actor
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.examples import Example
from embeddings.search.question import ask
from folders.models import Folder, MetadataKey

Float32s = npt.NDArray[np.float32]


def drawn_distances(
    *,
    actor: Actor,
    root: Folder,
    key: MetadataKey,
    query: Example,
    unit_ids: npt.NDArray[np.int64],
    engine: str = DEFAULT_ENGINE,
) -> Float32s:
    """Distances of units in the order of their ids given; NaN where a unit has none.

    They are the middles of the limits that the engine gives in its one pass: as near to the exact
    distance as float32 arithmetic is, which is for the eye and decides nothing. Where it gives no
    limits, they are exact.

    Raises:
        NotFound, InvalidInput: as `search` does.
    """
    chosen = engine_named(engine)
    question = ask(actor=actor, root=root, key=key, example=query, units=None, max_distance=None)
    bounds = chosen.bounds(question)
    bounds.settle(lambda now: np.flatnonzero(~(np.isfinite(now.lower) & np.isfinite(now.upper))))
    middles = bounds.lower + (bounds.upper - bounds.lower) / 2
    return _in_order(bounds.unit_ids, middles, unit_ids)


def _in_order(
    known: npt.NDArray[np.int64], values: npt.NDArray[np.float64], wanted: npt.NDArray[np.int64]
) -> Float32s:
    """The values of the wanted ids; NaN for those that are not known."""
    found = np.full(len(wanted), np.nan, dtype=np.float32)
    if len(known):
        order = np.argsort(known)
        places = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
        there = known[order[places]] == wanted
        with np.errstate(over="ignore"):
            found[there] = values[order[places[there]]]
    return found
