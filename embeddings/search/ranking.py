"""Hits in an order, as engines and what is built on them find them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from embeddings.search.bounds import Bounds, nearer_than
from embeddings.search.choice import Answerer, answering
from embeddings.search.ends import farthest_hits, nearest_hits
from embeddings.search.engine import Engine, Position
from embeddings.search.question import Question
from embeddings.search.rankings import WINDOW
from embeddings.search.results import Hit
from embeddings.search.rollup import best_of_items
from embeddings.services.coverage import Coverage


class Order(StrEnum):
    """Which end comes first."""

    NEAREST = "nearest"
    FARTHEST = "farthest"


@dataclass
class Ranker:
    """Ranks the hits of one search; with `roll_up`, of each item only the one that comes first."""

    engine: Engine
    question: Question
    order: Order = Order.NEAREST
    roll_up: bool = False
    # All distances are read in any case, so that whoever is asked is exact.
    reads_all: bool = False
    _bounds: Bounds | None = field(default=None, init=False)

    def digest(self) -> str:
        """A name that changes with anything that decides the order or the set of hits."""
        return f"{self.question.digest()}-{self.order}-{int(self.roll_up)}"

    @cached_property
    def answerer(self) -> Answerer:
        """Who answers; by an index, hits are proposed, and nothing is known of the rest."""
        whole = self.reads_all or self.order == Order.FARTHEST
        return answering(self.engine, self.question, is_exact=whole)

    @property
    def approximate(self) -> bool:
        """Whether an index answers."""
        return self.answerer.index is not None

    def bounds(self) -> Bounds:
        """Limits of all distances, read once: whatever is asked afterwards is found by them."""
        if self._bounds is None:
            self._bounds = self.engine.bounds(self.question)
        return self._bounds

    def counts(self) -> Coverage:
        """How many units are searched; by the limits, if they were read."""
        return self._bounds.count() if self._bounds else self.engine.counts(self.question)

    def hits(self, *, after: Position | None, limit: int) -> list[Hit]:
        """The first `limit` hits after a position; fewer only when there are no more."""
        if not self.roll_up:
            return self._hits(after, limit)
        rank: Callable[[float], float] = float
        if self.order == Order.FARTHEST:
            rank = float.__neg__
        found: list[Hit] = []
        while len(found) < limit:
            some = self._hits(after, limit)
            found += best_of_items(self.engine, self.question, some, rank=rank)
            if len(some) < limit:
                break
            after = Position(some[-1].distance, some[-1].unit_id)
        return found[:limit]

    def given_until(self, last: Position) -> list[Hit]:
        """The first hits up to one, as an index that is still the same proposes them again."""
        hits = self.hits(after=None, limit=WINDOW)
        return [hit for hit in hits if (hit.distance, hit.unit_id) <= (last.distance, last.unit_id)]

    def passed_over(self, given: Sequence[Hit]) -> list[Hit]:
        """Hits before the last one given that are not among them: what an index did not propose."""
        if not given:
            return []
        last, known = given[-1], {hit.unit_id for hit in given}
        bounds = self.bounds()
        found = nearest_hits(bounds, after=None, limit=len(bounds), max_distance=last.distance)
        before = [
            hit for hit in found if (hit.distance, hit.unit_id) < (last.distance, last.unit_id)
        ]
        missed = [hit for hit in before if hit.unit_id not in known]
        if self.roll_up:
            missed = best_of_items(self.engine, self.question, missed, rank=float)
        return missed

    def with_percentiles(
        self, hits: Sequence[Hit], *, after: Position | None, searched: int
    ) -> list[Hit]:
        """The hits, each with the share of the searched units that lies strictly nearer.

        Args:
            hits: the first ones after a position.
            after: that position.
            searched: how many units there are in all, where the hits themselves tell the rest.
        """
        distances = np.array([hit.distance for hit in hits])
        if after is None and self.order == Order.NEAREST and not self.roll_up:
            # The nearest of all: whatever lies nearer than one of them is among them.
            nearer = np.searchsorted(distances, distances, side="left")
        elif self._bounds is not None or not self.approximate:
            nearer = nearer_than(self.bounds(), distances)
            searched = len(self.bounds())
        else:
            return list(hits)
        shares = (100.0 * nearer / max(searched, 1)).tolist()
        return [
            Hit(hit.unit_id, hit.distance, share) for hit, share in zip(hits, shares, strict=True)
        ]

    def _hits(self, after: Position | None, limit: int) -> list[Hit]:
        largest = self.question.max_distance
        if self.order == Order.FARTHEST:
            bounds = self.bounds()
            return farthest_hits(bounds, after=after, limit=limit, max_distance=largest)
        if self._bounds is not None:
            return nearest_hits(self._bounds, after=after, limit=limit, max_distance=largest)
        return self.engine.page(self.question, after=after, limit=limit)
