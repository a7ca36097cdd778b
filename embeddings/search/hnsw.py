"""The engine over HNSW indexes: near units in little time and memory, most of them.

The index proposes candidates, what has changed since is added to them, and all are measured on the
vectors themselves, by PostgreSQL's engine. That one also answers where candidates do not suffice:
few units, a narrow filter, all distances of a set, and whatever comes after the first page. So no
page is short of hits that exist; what the first one passed over follows it.
"""

import math

import numpy as np

from core.errors import FieldError, InvalidInput
from embeddings.choices import IndexState
from embeddings.constants import MAX_INDEXED_DIMENSIONS
from embeddings.matrix_files.lag import most_changes
from embeddings.matrix_files.source import stream_units
from embeddings.models import VectorIndex
from embeddings.search.bounds import Bounds
from embeddings.search.counted import CountedSets
from embeddings.search.distance import distances
from embeddings.search.engine import Engine, Position
from embeddings.search.masks import MASKS, Mask, UnitIds
from embeddings.search.nearby import find_candidates
from embeddings.search.postgres import PostgresEngine
from embeddings.search.question import Question
from embeddings.search.results import Hit
from embeddings.search.selection import first_hits
from embeddings.services.coverage import Coverage
from folders.choices import Metric

# So few are measured as quickly as candidates are found.
_FEW_UNITS = 5000
# Candidates beyond the page: half precision confuses near neighbours.
_SPARE = 100
# Each further attempt looks at so many times as many.
_GROWTH = 4


class HnswEngine:
    """Approximate search; exact where the index is of no use."""

    name = "hnsw"

    def __init__(self, *, few_units: int = _FEW_UNITS, ef_search: int | None = None) -> None:
        """Look at the index in larger sets only; with `ef_search` in place of the index's own."""
        self._few_units = few_units
        self._ef_search = ef_search
        self._postgres: Engine = PostgresEngine()
        self._counted = CountedSets()

    def page(self, question: Question, *, after: Position | None, limit: int) -> list[Hit]:
        """See Engine.page.

        Raises:
            InvalidInput: the set has no index.
        """
        index = required_index(question)
        # The index knows what is nearest, not what comes next.
        hits = self.approximate_page(index, question, limit=limit) if after is None else None
        if hits is None:
            return self._postgres.page(question, after=after, limit=limit)
        return hits

    def bounds(self, question: Question) -> Bounds:
        """See Engine.bounds."""
        required_index(question)
        return self._postgres.bounds(question)

    def distances_of(self, question: Question, unit_ids: UnitIds) -> dict[int, float]:
        """See Engine.distances_of."""
        return self._postgres.distances_of(question, unit_ids)

    def counts(self, question: Question) -> Coverage:
        """See Engine.counts."""
        if question.units is None:
            return self._counted.of(question)
        return self._postgres.counts(question)

    def suits(self, index: VectorIndex, mask: Mask | None) -> bool:
        """Whether the index is of use for the units of a mask; they are measured otherwise."""
        searched = index.rows if mask is None else len(mask.unit_ids)
        wanted = _first_count(index, mask, _SPARE)
        return searched >= self._few_units and wanted <= _most(index)

    def approximate_page(
        self, index: VectorIndex, question: Question, *, limit: int
    ) -> list[Hit] | None:
        """A full first page of hits; None when candidates do not make one."""
        mask = MASKS.of(question)
        if not self.suits(index, mask):
            return None
        count = _first_count(index, mask, limit + _SPARE)
        while count <= _most(index):
            found = find_candidates(
                index,
                root_id=question.root_id,
                key_id=question.key_id,
                metric=question.metric,
                query=question.vector,
                count=count,
                ef_search=self._ef_search,
            )
            if found is None:
                return None
            ids = found.unit_ids if mask is None else found.unit_ids[mask.covers(found.unit_ids)]
            hits, reached = self._hits(question, ids, limit)
            if len(hits) == limit:
                return hits
            if found.exhausted or reached:
                return None
            count *= _GROWTH
        return None

    def _hits(self, question: Question, unit_ids: UnitIds, limit: int) -> tuple[list[Hit], bool]:
        """The first hits among some units, and whether these go beyond the largest distance."""
        units, measured = [np.empty(0, dtype=np.int64)], [np.empty(0)]
        for vectors in stream_units(
            root_id=question.root_id,
            key_id=question.key_id,
            dimensions=len(question.vector),
            unit_ids=unit_ids,
        ):
            # Zero vectors have no cosine.
            known = (vectors.norms > 0) | (question.metric != Metric.COSINE)
            units.append(vectors.unit_ids[known])
            measured.append(distances(question.vector, vectors.values[known], question.metric))
        ids, exact = np.concatenate(units), np.concatenate(measured)
        largest = question.max_distance
        hits = first_hits(ids, exact, after=None, limit=limit, max_distance=largest)
        return hits, largest is not None and bool((exact > largest).any())


def ready_index(question: Question) -> VectorIndex | None:
    """The index of the set that is searched."""
    return VectorIndex.objects.filter(
        vector_set__root=question.root_id, vector_set__key=question.key_id, state=IndexState.READY
    ).first()


def required_index(question: Question) -> VectorIndex:
    """The same.

    Raises:
        InvalidInput: there is none; it says why.
    """
    index = ready_index(question)
    if index is None:
        if len(question.vector) > MAX_INDEXED_DIMENSIONS:
            reason = f"Embeddings of more than {MAX_INDEXED_DIMENSIONS:,} dimensions have no index."
        else:
            reason = "This embedding has no index in this folder; administrators can build one."
        error = FieldError("engine", reason, "no_index", "auto, postgres, scan", "hnsw")
        raise InvalidInput(errors=[error])
    return index


def _first_count(index: VectorIndex, mask: Mask | None, wanted: int) -> int:
    """How many candidates leave about so many behind the filter."""
    if mask is None:
        return wanted
    share = min(1.0, len(mask.unit_ids) / max(1, index.rows))
    return math.ceil(1.2 * wanted / share) if share else _most(index) + 1


def _most(index: VectorIndex) -> int:
    """More candidates than this take longer than all distances, or too much memory."""
    return most_changes(index.dimensions)
