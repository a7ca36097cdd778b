"""How much an index finds of what there is, held against all distances."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embeddings.constants import GOOD_RECALL
from embeddings.models import VectorIndex
from embeddings.search.hnsw import HnswEngine
from embeddings.search.postgres import PostgresEngine
from embeddings.search.question import Question
from embeddings.search.results import Hit

NEAREST = 50
QUERIES = 100
# Distance of a query from its unit, as a share of the vector's length.
_PERTURBATION = 0.2
# pgvector takes no more than 1,000.
_EFS = (64, 100, 160, 250, 400, 640, 1000)


@dataclass(frozen=True, slots=True)
class Measured:
    """What an index finds with which `ef_search`."""

    ef_search: int
    recall: float


def queries_near(
    unit_ids: NDArray[np.int64], values: NDArray[np.float32]
) -> list[tuple[int, NDArray[np.float32]]]:
    """Vectors near those of units, which none of them has; the same for the same units."""
    dimensions = values.shape[1]
    noise = np.random.default_rng(7).standard_normal(values.shape) / np.sqrt(dimensions)
    lengths = np.linalg.norm(values.astype(np.float64), axis=1, keepdims=True)
    moved = (values + _PERTURBATION * lengths * noise).astype(np.float32)
    return list(zip(unit_ids.tolist(), moved, strict=True))


def measure_recall(
    index: VectorIndex,
    question: Question,
    queries: list[tuple[int, NDArray[np.float32]]],
    told: Callable[[int, int], None],
) -> Measured | None:
    """Raise `ef_search` until the recall is good, or as far as it goes.

    Of the 50 nearest of each query but for the unit that it was made of, recall is the share that
    the first page of a search by the index shows; of units that are equally far any will do.

    Args:
        question: a search of the whole set; its vector does not matter.
        queries: each with the unit that it was made of.
        told: how many of how many queries are answered exactly; may raise.

    Returns:
        None when there is nothing to find.
    """
    exact = PostgresEngine()
    asked: list[tuple[int, Question, float, int]] = []
    for number, (unit_id, vector) in enumerate(queries):
        told(number, len(queries))
        one = replace(question, vector=vector)
        hits = _others(exact.page(one, after=None, limit=NEAREST + 1), unit_id)
        if hits:
            asked.append((unit_id, one, hits[-1].distance, len(hits)))
    if not asked:
        return None
    best = Measured(0, -1.0)
    for ef_search in _EFS:
        told(len(queries), len(queries))
        recall = _recall(HnswEngine(few_units=0, ef_search=ef_search), index, asked)
        if recall > best.recall:
            best = Measured(ef_search, recall)
        if best.recall >= GOOD_RECALL:
            break
    return best


def _recall(
    engine: HnswEngine, index: VectorIndex, asked: list[tuple[int, Question, float, int]]
) -> float:
    found = there = 0
    for unit_id, question, farthest, count in asked:
        page = engine.approximate_page(index, question, limit=count + 1)
        there += count
        if page is None:
            # So few rows, or so many changes, that all are looked at.
            found += count
            continue
        found += sum(hit.distance <= farthest for hit in _others(page, unit_id))
    return found / there


def _others(hits: list[Hit], unit_id: int) -> list[Hit]:
    """The first 50 without the unit."""
    return [hit for hit in hits if hit.unit_id != unit_id][:NEAREST]
