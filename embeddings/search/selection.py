"""Which rows may be on a page, from limits of their distances. Pure: knows no database."""

import numpy as np
import numpy.typing as npt

from embeddings.search.distance import Distances
from embeddings.search.engine import Position
from embeddings.search.estimates import Limits
from embeddings.search.results import Hit
from embeddings.search.smallest import smallest

Places = npt.NDArray[np.intp]


def candidates(
    limits: Limits, *, after: Position | None, limit: int, max_distance: float | None
) -> Places:
    """All rows that may be among the first `limit` hits after a position.

    So many rows that surely come after the position lie at or below the limit-th smallest of their
    upper limits; what lies wholly above that cannot be on the page.
    """
    sure = limits.upper if after is None else limits.upper[limits.lower > after.distance]
    bound = smallest(sure, limit)
    possible = limits.lower <= (bound if max_distance is None else min(bound, max_distance))
    if after is not None:
        possible &= limits.upper >= after.distance
    return np.flatnonzero(possible)


def first_hits(
    unit_ids: npt.NDArray[np.int64],
    distances: Distances,
    *,
    after: Position | None,
    limit: int,
    max_distance: float | None,
) -> list[Hit]:
    """The first hits after a position, of rows whose distances are exact."""
    wanted = np.ones(len(unit_ids), dtype=np.bool_)
    if max_distance is not None:
        wanted &= distances <= max_distance
    if after is not None:
        later = (distances == after.distance) & (unit_ids > after.unit_id)
        wanted &= (distances > after.distance) | later
    unit_ids, distances = unit_ids[wanted], distances[wanted]
    order = np.lexsort((unit_ids, distances))[:limit]
    pairs = zip(unit_ids[order].tolist(), distances[order].tolist(), strict=True)
    return [Hit(unit_id, distance) for unit_id, distance in pairs]
