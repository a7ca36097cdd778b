"""What every engine offers; they differ in speed and memory, one of them in what it finds."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from embeddings.search.bounds import Bounds
from embeddings.search.question import Question
from embeddings.search.results import Hit
from embeddings.services.coverage import Coverage


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order of hits; a page begins with the first hit after it."""

    distance: float
    unit_id: int


class Engine(Protocol):
    """Finds hits. Under cosine, zero vectors are never among them."""

    name: str

    def page(self, question: Question, *, after: Position | None, limit: int) -> list[Hit]:
        """The first `limit` hits after a position, in the order of (distance, unit id).

        Fewer only when there are no more.
        """

    def bounds(self, question: Question) -> Bounds:
        """Limits of the distances of all searched units; `max_distance` is not looked at.

        Their arrays are the caller's to change.
        """

    def distances_of(self, question: Question, unit_ids: npt.NDArray[np.int64]) -> dict[int, float]:
        """Exact distances of those of the units that have a vector."""

    def counts(self, question: Question) -> Coverage:
        """How many units the question is put to, and how many of them have a vector."""
