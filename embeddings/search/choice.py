"""Which engine answers: the quickest one that can, or the one that was asked for by name."""

import numpy as np
import numpy.typing as npt

from core.errors import FieldError, InvalidInput
from embeddings.matrix_files.budget import expected_bytes, memory_budget
from embeddings.matrix_files.store import STORE
from embeddings.search.engine import Bounds, Engine, Position
from embeddings.search.postgres import PostgresEngine
from embeddings.search.question import Question
from embeddings.search.results import Hit
from embeddings.search.scan import ScanEngine
from embeddings.services.coverage import Coverage

POSTGRES: Engine = PostgresEngine()
SCAN = ScanEngine()


class ChosenEngine:
    """Has the engine answer that suits the set; each engine that it chooses from is exact."""

    name = "auto"
    is_exact = True

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
ENGINES: dict[str, Engine] = {DEFAULT_ENGINE: ChosenEngine(), "postgres": POSTGRES, "scan": SCAN}
"""Engines by name; all answer the same, some within a stated recall."""


def choose(question: Question) -> Engine:
    """The scan, unless the set's file exceeds the memory budget.

    The scan itself leaves its answers to PostgreSQL until there is a file.
    """
    matrix = STORE.find(question.root_id, question.key_id)
    if matrix is None:
        return SCAN
    size = expected_bytes(len(matrix.unit_ids), matrix.manifest.dimensions)
    return SCAN if size <= memory_budget() else POSTGRES


def answering(engine: Engine, question: Question) -> str:
    """Name of the engine that answers when this one is asked."""
    asked = choose(question) if engine.name == DEFAULT_ENGINE else engine
    return POSTGRES.name if asked is SCAN and not SCAN.has_file(question) else asked.name


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
