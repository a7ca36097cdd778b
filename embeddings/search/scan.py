"""The engine over matrix files: every distance by one product, then float64 for what counts.

A float32 product with all rows limits every distance; whatever may belong on the page by these
limits is measured by embeddings.search.distance, row by row. Changes since the file was written are
read from PostgreSQL in one statement. While there is no file to use, PostgreSQL answers, and a file
is made in the background.
"""

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.matrix_files.background import BUILDER, Builder, Wish
from embeddings.matrix_files.lag import LAGS, Lag, LagReader, most_changes
from embeddings.matrix_files.mapped import MappedMatrix, Places
from embeddings.matrix_files.store import STORE, MatrixStore
from embeddings.search.bounds import Bounds
from embeddings.search.distance import Distances, distances
from embeddings.search.engine import Engine, Position
from embeddings.search.estimates import Estimator, Limits
from embeddings.search.masks import MASKS, Mask, Masks, UnitIds
from embeddings.search.postgres import PostgresEngine
from embeddings.search.products import PRODUCTS, Products
from embeddings.search.question import Question
from embeddings.search.results import Hit
from embeddings.search.rows import SetRows
from embeddings.search.selection import candidates, first_hits
from embeddings.services.coverage import Coverage, units_of_root
from folders.choices import Metric

# Of fewer units the distances are measured one by one, which is quicker than one product with all.
_FEW_UNITS = 5000
# Numbers measured together: 2 MB in float64, which stay in the processor's cache and which the
# allocator keeps for the next ones. 1,100 rows of 4,096 took 9 ms so, and 42 ms all at once.
_VALUES_AT_ONCE = 2**18
# Changes that a search may read beside the file before they are appended to it.
_MANY_CHANGES = 2000
# Fewer are appended after a day: their history is not kept for ever.
_LONG_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Field:
    """The searched rows: numbers (None for all), unit ids, limits of distances."""

    rows: SetRows
    places: Places | None
    unit_ids: UnitIds
    limits: Limits

    def numbers(self, chosen: Places) -> Places:
        """Where the chosen ones of the searched rows stand among all rows."""
        return chosen if self.places is None else self.places[chosen]


class ScanEngine:
    """Exact search over matrix files."""

    name = "scan"

    def __init__(
        self,
        *,
        store: MatrixStore = STORE,
        lags: LagReader = LAGS,
        products: Products = PRODUCTS,
        masks: Masks = MASKS,
        builder: Builder = BUILDER,
        few_units: int = _FEW_UNITS,
    ) -> None:
        """Share what a process has mapped, read and multiplied."""
        self._store = store
        self._lags = lags
        self._products = products
        self._masks = masks
        self._builder = builder
        self._few_units = few_units
        self._postgres: Engine = PostgresEngine()

    def page(self, question: Question, *, after: Position | None, limit: int) -> list[Hit]:
        """See Engine.page."""
        rows = self._rows(question)
        if rows is None:
            return self._postgres.page(question, after=after, limit=limit)
        field = self._field(question, rows, self._masks.of(question))
        chosen = candidates(
            field.limits, after=after, limit=limit, max_distance=question.max_distance
        )
        return first_hits(
            field.unit_ids[chosen],
            _measured(question, rows, field.numbers(chosen)),
            after=after,
            limit=limit,
            max_distance=question.max_distance,
        )

    def bounds(self, question: Question) -> Bounds:
        """See Engine.bounds."""
        rows = self._rows(question)
        if rows is None:
            return self._postgres.bounds(question)
        mask = self._masks.of(question)
        field = self._field(question, rows, mask)

        def measure(places: Places) -> Distances:
            return _measured(question, rows, field.numbers(places))

        limits = field.limits
        return Bounds(
            field.unit_ids,
            limits.lower,
            limits.upper,
            measure,
            lambda: _covered(question, rows, mask),
        )

    def distances_of(self, question: Question, unit_ids: npt.NDArray[np.int64]) -> dict[int, float]:
        """See Engine.distances_of."""
        rows = self._rows(question)
        if rows is None:
            return self._postgres.distances_of(question, unit_ids)
        places = rows.places(Mask(np.unique(unit_ids)), with_zero=_counts_zero(question))
        if places is None:
            places = np.arange(len(rows.unit_ids))
        found = _measured(question, rows, places)
        return dict(zip(rows.unit_ids[places].tolist(), found.tolist(), strict=True))

    def counts(self, question: Question) -> Coverage:
        """See Engine.counts."""
        rows = self._rows(question)
        if rows is None:
            return self._postgres.counts(question)
        return _covered(question, rows, self._masks.of(question))

    def has_file(self, question: Question) -> bool:
        """Whether there is a file to search in; PostgreSQL answers otherwise."""
        return self._store.find(question.root_id, question.key_id) is not None

    def _rows(self, question: Question) -> SetRows | None:
        """The set as it is now; None while there is no file that can be used."""
        matrix = self._store.find(question.root_id, question.key_id)
        lag = None if matrix is None else self._lags.read(matrix)
        if matrix is None or lag is None or _is_far_behind(matrix, lag):
            self._builder.ask(Wish(question.root_id, question.key_id, len(question.vector)))
        return None if matrix is None or lag is None else SetRows(matrix, lag)

    def _field(self, question: Question, rows: SetRows, mask: Mask | None) -> _Field:
        places = rows.places(mask, with_zero=_counts_zero(question))
        unit_ids = rows.unit_ids if places is None else rows.unit_ids[places]
        if mask is not None and places is not None and len(places) < self._few_units:
            exact = _measured(question, rows, places)
            return _Field(rows, places, unit_ids, Limits(exact, exact))
        estimator = Estimator.of(question.vector, question.metric)
        products, norms = self._products_with(rows, estimator), rows.norms
        if places is not None:
            products, norms = products[places], norms[places]
        return _Field(rows, places, unit_ids, estimator.limits(products, norms))

    def _products_with(self, rows: SetRows, estimator: Estimator) -> npt.NDArray[np.float32]:
        products = self._products.of(rows.matrix, estimator.query)
        if not len(rows.fresh.unit_ids):
            return products
        with np.errstate(all="ignore"):
            return np.concatenate([products, rows.fresh.values @ estimator.query])


def _is_far_behind(matrix: MappedMatrix, lag: Lag) -> bool:
    """Whether it is time to append the changes."""
    manifest, changes = matrix.manifest, len(lag.changed)
    if changes > min(_MANY_CHANGES, most_changes(manifest.dimensions) // 4):
        return True
    age = time.time() - (manifest.appended_at or manifest.built_at)
    return changes > 0 and age > _LONG_SECONDS


def _covered(question: Question, rows: SetRows, mask: Mask | None) -> Coverage:
    places = rows.places(mask, with_zero=True)
    norms = rows.norms if places is None else rows.norms[places]
    return Coverage(
        units=units_of_root(question.root_id) if mask is None else len(mask.unit_ids),
        with_vector=len(norms),
        zero=len(norms) - int(np.count_nonzero(norms)),
    )


def _counts_zero(question: Question) -> bool:
    """Whether zero vectors have a distance."""
    return question.metric != Metric.COSINE


def _measured(question: Question, rows: SetRows, places: Places) -> Distances:
    """Exact distances of rows, their numbers ascending."""
    rows_at_once = max(1, _VALUES_AT_ONCE // len(question.vector))
    found = [
        distances(question.vector, values, question.metric)
        for values in rows.values(places, rows_at_once)
    ]
    return np.concatenate([np.empty(0), *found])
