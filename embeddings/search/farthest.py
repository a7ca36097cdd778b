"""The other end of the order: what is least similar, first.

The order is (largest distance, unit id), of the same distances; found by the limits that every
engine gives, and exact distances of whatever may belong on the page by them.
"""

import numpy as np

from embeddings.search.engine import Bounds, Engine, Position
from embeddings.search.estimates import Limits
from embeddings.search.question import Question
from embeddings.search.results import Hit
from embeddings.search.selection import candidates, first_hits


def farthest_hits(
    engine: Engine, question: Question, *, after: Position | None, limit: int
) -> list[Hit]:
    """The first `limit` hits after a position, in the order of falling distance.

    Fewer only when there are no more.
    """
    bounds = _within(engine, question, engine.bounds(question))
    # From the far end, distances are their negatives.
    mirrored = Limits(-bounds.upper, -bounds.lower)
    behind = None if after is None else Position(-after.distance, after.unit_id)
    chosen = candidates(mirrored, after=behind, limit=limit, max_distance=None)
    exact = engine.distances_of(question, bounds.unit_ids[chosen])
    units = np.fromiter(exact, dtype=np.int64, count=len(exact))
    found = np.fromiter(exact.values(), dtype=np.float64, count=len(exact))
    hits = first_hits(units, -found, after=behind, limit=limit, max_distance=None)
    return [Hit(hit.unit_id, -hit.distance + 0.0) for hit in hits]


def _within(engine: Engine, question: Question, bounds: Bounds) -> Bounds:
    """Those up to the threshold; what lies astride it is measured."""
    largest = question.max_distance
    if largest is None:
        return bounds
    kept = bounds.upper <= largest
    astride = (bounds.lower <= largest) & ~kept
    if astride.any():
        exact = engine.distances_of(question, bounds.unit_ids[astride])
        inside = [unit for unit, distance in exact.items() if distance <= largest]
        kept |= np.isin(bounds.unit_ids, inside)
    return Bounds(bounds.unit_ids[kept], bounds.lower[kept], bounds.upper[kept])
