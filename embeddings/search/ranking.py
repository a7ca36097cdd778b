"""Hits in an order, as engines and what is built on them find them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from embeddings.search.engine import Engine, Position
from embeddings.search.farthest import farthest_hits
from embeddings.search.question import Question
from embeddings.search.results import Hit
from embeddings.search.rollup import best_of_items


class Order(StrEnum):
    """Which end comes first."""

    NEAREST = "nearest"
    FARTHEST = "farthest"


@dataclass(frozen=True, slots=True)
class Ranker:
    """Ranks the hits of one search; with `roll_up`, of each item only the one that comes first."""

    engine: Engine
    question: Question
    order: Order = Order.NEAREST
    roll_up: bool = False

    def digest(self) -> str:
        """A name that changes with anything that decides the order or the set of hits."""
        return f"{self.question.digest()}-{self.order}-{int(self.roll_up)}"

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

    def _hits(self, after: Position | None, limit: int) -> list[Hit]:
        if self.order == Order.FARTHEST:
            return farthest_hits(self.engine, self.question, after=after, limit=limit)
        return self.engine.page(self.question, after=after, limit=limit)
