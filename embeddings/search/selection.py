"""Which rows may be on a page, from limits of their distances. Pure: knows no database."""

import math

import numpy as np
import numpy.typing as npt

from embeddings.search.distance import Distances
from embeddings.search.engine import Position
from embeddings.search.estimates import Limits
from embeddings.search.results import Hit

Places = npt.NDArray[np.intp]

# Of so many limits every 64th is looked at first, to leave out most of the others.
_LARGE = 100_000
_SAMPLED = 64


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


def smallest(values: Distances, number: int) -> float:
    """The number-th smallest value; infinite when there are fewer."""
    if len(values) < number:
        return math.inf
    if len(values) > _LARGE:
        sample = values[::_SAMPLED]
        # About four times as many as wanted lie below this one of the sample.
        place = min(len(sample) - 1, 4 * number // _SAMPLED + 8)
        below = values[values <= np.partition(sample, place)[place]]
        if len(below) >= number:
            values = below
    return float(np.partition(values, number - 1)[number - 1])


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
    return list(map(Hit, unit_ids[order].tolist(), distances[order].tolist()))
