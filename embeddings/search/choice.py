"""Which engine answers: the quickest one that can, or the one that was asked for by name."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import FieldError, InvalidInput
from embeddings.matrix_files.budget import expected_bytes, memory_budget
from embeddings.matrix_files.store import STORE
from embeddings.models import VectorIndex
from embeddings.search.bounds import Bounds
from embeddings.search.engine import Engine, Position
from embeddings.search.hnsw import HnswEngine, ready_index, required_index
from embeddings.search.masks import MASKS
from embeddings.search.postgres import PostgresEngine
from embeddings.search.question import Question
from embeddings.search.results import Hit
from embeddings.search.scan import ScanEngine
from embeddings.services.coverage import Coverage

POSTGRES: Engine = PostgresEngine()
SCAN = ScanEngine()
HNSW = HnswEngine()


class ChosenEngine:
    """Has the engine answer that suits the set."""

    name = "auto"

    def page(self, question: Question, *, after: Position | None, limit: int) -> list[Hit]:
        """See Engine.page."""
        return choose(question).page(question, after=after, limit=limit)

    def bounds(self, question: Question) -> Bounds:
        """See Engine.bounds."""
        return choose(question).bounds(question)

    def distances_of(self, question: Question, unit_ids: npt.NDArray[np.int64]) -> dict[int, float]:
        """See Engine.distances_of."""
        return choose(question).distances_of(question, unit_ids)

    def counts(self, question: Question) -> Coverage:
        """See Engine.counts."""
        return choose(question).counts(question)


DEFAULT_ENGINE = ChosenEngine.name
ENGINES: dict[str, Engine] = {
    DEFAULT_ENGINE: ChosenEngine(),
    "postgres": POSTGRES,
    "scan": SCAN,
    "hnsw": HNSW,
}
"""Engines by name; all answer the same, some within a stated recall."""


def choose(question: Question) -> Engine:
    """The scan, or a good index when the set's file exceeds the memory budget, else PostgreSQL.

    The scan itself leaves its answers to PostgreSQL until there is a file.
    """
    matrix = STORE.find(question.root_id, question.key_id)
    if matrix is not None and _fits(len(matrix.unit_ids), question):
        return SCAN
    index = ready_index(question)
    if matrix is None and (index is None or _fits(index.rows, question)):
        return SCAN
    return HNSW if index is not None and index.is_good else POSTGRES


@dataclass(frozen=True, slots=True)
class Answerer:
    """The engine that answers by name, and the index by which it does, unless that is exact."""

    name: str
    index: VectorIndex | None = None


def answering(engine: Engine, question: Question, *, is_exact: bool = False) -> Answerer:
    """What answers when this engine is asked; `is_exact`: for what only all distances tell."""
    asked = choose(question) if engine.name == DEFAULT_ENGINE else engine
    if asked.name == HNSW.name:
        index = required_index(question)
        if is_exact or not HNSW.suits(index, MASKS.of(question)):
            return Answerer(POSTGRES.name)
        return Answerer(asked.name, index)
    return Answerer(POSTGRES.name if asked is SCAN and not SCAN.has_file(question) else asked.name)


def _fits(rows: int, question: Question) -> bool:
    return expected_bytes(rows, len(question.vector)) <= memory_budget()


def engine_named(name: str) -> Engine:
    """The engine of that name.

    Raises:
        InvalidInput: there is none.
    """
    if name not in ENGINES:
        expected = ", ".join(ENGINES)
        error = FieldError("engine", "There is no such engine.", "choice", expected, name)
        raise InvalidInput(errors=[error])
    return ENGINES[name]
