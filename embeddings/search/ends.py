"""The first hits from either end, of the limits of all distances.

What may belong on the page by these limits is measured, and decides. Least similar first is the
order of (largest distance, unit id).
"""

import numpy as np

from embeddings.search.bounds import Bounds, Places
from embeddings.search.engine import Position
from embeddings.search.estimates import Limits
from embeddings.search.results import Hit
from embeddings.search.selection import candidates, first_hits


def nearest_hits(
    bounds: Bounds, *, after: Position | None, limit: int, max_distance: float | None
) -> list[Hit]:
    """The first `limit` hits after a position; fewer only when there are no more."""

    def choose(now: Bounds) -> Places:
        limits = Limits(now.lower, now.upper)
        return candidates(limits, after=after, limit=limit, max_distance=max_distance)

    chosen = bounds.settle(choose)
    units, found = bounds.unit_ids[chosen], bounds.lower[chosen]
    return first_hits(units, found, after=after, limit=limit, max_distance=max_distance)


def farthest_hits(
    bounds: Bounds, *, after: Position | None, limit: int, max_distance: float | None
) -> list[Hit]:
    """The first `limit` hits after a position, in the order of falling distance.

    Fewer only when there are no more.
    """
    largest = np.inf if max_distance is None else max_distance
    if max_distance is not None:
        bounds.settle(lambda now: np.flatnonzero((now.lower <= largest) & (now.upper > largest)))
    # From the far end, distances are their negatives.
    behind = None if after is None else Position(-after.distance, after.unit_id)

    def choose(now: Bounds) -> Places:
        within = np.flatnonzero((now.upper <= largest) | np.isinf(largest))
        mirrored = Limits(-now.upper[within], -now.lower[within])
        places = candidates(mirrored, after=behind, limit=limit, max_distance=None)
        return within[places]

    chosen = bounds.settle(choose)
    units, found = bounds.unit_ids[chosen], bounds.lower[chosen]
    hits = first_hits(units, -found, after=behind, limit=limit, max_distance=None)
    return [Hit(hit.unit_id, -hit.distance + 0.0) for hit in hits]
