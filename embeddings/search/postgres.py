"""The engine inside PostgreSQL: always there, never wrong, the reference for the others.

pgvector computes float32 distances of the rows; whatever may belong on the page by the bounds of
embeddings.search.slack is fetched, and float64 decides. Each answer comes from one statement, so
that it shows one state of the data. Rows with an identical vector are fetched as one vector with
all their units: a large group of ties costs its ids, not its values.
"""

import heapq
import math

import numpy as np
import numpy.typing as npt

from embeddings.search import wire
from embeddings.search.bounds import Bounds, Places
from embeddings.search.distance import Distances, distances
from embeddings.search.engine import Position
from embeddings.search.question import Question
from embeddings.search.results import Hit
from embeddings.search.scored import Scored, values_of
from embeddings.services.coverage import Coverage, coverage_within

_START = Position(-math.inf, -1)
# Rows beyond the page that are fetched with it: mostly enough to be sure of the page's end.
_SPARE_ROWS = 100
# Ids written into one statement.
_IDS_AT_ONCE = 20_000


class PostgresEngine:
    """Exact search by a scan of the set's rows, or by whatever index its filter has."""

    name = "postgres"

    def __init__(self, spare_rows: int = _SPARE_ROWS) -> None:
        """Fetch that many rows beyond a page before looking at everything that may belong on it."""
        self.spare_rows = spare_rows

    def page(self, question: Question, *, after: Position | None, limit: int) -> list[Hit]:
        """See Engine.page."""
        scored = Scored(question)
        start = after or _START
        hits = self._likely_page(question, scored, start, limit)
        return self._certain_page(question, scored, start, limit) if hits is None else hits

    def bounds(self, question: Question) -> Bounds:
        """See Engine.bounds."""
        scored = Scored(question)
        rows = wire.scores(scored.everything())
        d = rows["d"].astype(np.float64)
        lower, upper = scored.slack.bounds(d, rows["norm"].astype(np.float64))
        unknown = np.isnan(d)
        lower[unknown], upper[unknown] = -math.inf, math.inf
        unit_ids = rows["unit"].astype(np.int64)

        def measure(places: Places) -> Distances:
            units = unit_ids[places]
            found = self.distances_of(question, units)
            return np.array([found.get(unit, math.nan) for unit in units.tolist()])

        return Bounds(unit_ids, lower, upper, measure, lambda: self.counts(question))

    def distances_of(self, question: Question, unit_ids: npt.NDArray[np.int64]) -> dict[int, float]:
        """See Engine.distances_of."""
        found: dict[int, float] = {}
        for start in range(0, len(unit_ids), _IDS_AT_ONCE):
            some = unit_ids[start : start + _IDS_AT_ONCE].tolist()
            for group in wire.groups(values_of(question, some), value_column=0):
                exact = distances(question.vector, group.vectors, question.metric)
                for distance, (ids,) in zip(exact.tolist(), group.others, strict=True):
                    found.update(dict.fromkeys(ids, distance))
        return found

    def counts(self, question: Question) -> Coverage:
        """See Engine.counts."""
        return coverage_within(question.root_id, question.key_id, question.units)

    def _likely_page(
        self, question: Question, scored: Scored, after: Position, limit: int
    ) -> list[Hit] | None:
        """The page from the rows of smallest lower bound, if they suffice to be sure of it."""
        count = limit + self.spare_rows
        hits: list[Hit] = []
        unseen_from, fetched = -math.inf, 0
        for group in wire.groups(scored.nearest(after, count), value_column=1):
            exact = distances(question.vector, group.vectors, question.metric)
            for distance, (unit_id, lower) in zip(exact.tolist(), group.others, strict=True):
                hits += _wanted(question, after, distance, [unit_id], limit)
                if lower is not None:
                    unseen_from, fetched = max(unseen_from, lower), fetched + 1
        page = heapq.nsmallest(limit, hits, key=_order)
        if fetched < count or (len(page) == limit and page[-1].distance < unseen_from):
            return page
        return None

    def _certain_page(
        self, question: Question, scored: Scored, after: Position, limit: int
    ) -> list[Hit]:
        """The page from every row that may belong on it, however many tie or nearly tie."""
        best: list[Hit] = []
        for group in wire.groups(scored.candidates(after, limit), value_column=0):
            exact = distances(question.vector, group.vectors, question.metric)
            for distance, (unit_ids,) in zip(exact.tolist(), group.others, strict=True):
                best += _wanted(question, after, distance, unit_ids, limit)
            best = heapq.nsmallest(limit, best, key=_order)
        return best


def _wanted(
    question: Question, after: Position, distance: float, unit_ids: list[int], limit: int
) -> list[Hit]:
    """The first hits, at most `limit`, that units at one distance add to a page."""
    too_far = question.max_distance is not None and distance > question.max_distance
    if too_far or distance < after.distance:
        return []
    if distance == after.distance:
        unit_ids = [unit_id for unit_id in unit_ids if unit_id > after.unit_id]
    return [Hit(unit_id, distance) for unit_id in heapq.nsmallest(limit, unit_ids)]


def _order(hit: Hit) -> tuple[float, int]:
    return hit.distance, hit.unit_id
