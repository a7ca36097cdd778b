"""Counts and histograms of the rail.

The facet of a field counts what the state would show without that field's own conditions, so that
its other values can be compared; it counts only what the actor may see.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Max, Min, QuerySet

from accounts.actor import Actor
from collections_app.matching import Matching, filtered_units
from collections_app.models import CollectionUnit
from embeddings.filters import own_vector, vector_of_members
from explorer.conjuncts import Tree, without_field
from explorer.constants import HISTOGRAM_BINS
from explorer.controls import Control, ControlKind
from explorer.index_facets import number_counts, word_counts
from explorer.readings import as_text
from explorer.state import ExplorerState
from explorer.unit_bits import UnitBits, unit_bits
from folders import filters
from folders.filters.indexed import is_indexed, value_column
from folders.filters.typed_values import metadata_value
from folders.models import Folder, IndexedValue, MetadataKey, Unit
from folders.permissions import sees_whole_root
from folders.querysets import UnitQuerySet

# Of fewer units, each is looked up under the counted key in less time than that key is walked.
_MANY = 20_000


@dataclass(frozen=True, slots=True)
class Histogram:
    """Equal bins from `low` to `high`; the last one holds `high` itself."""

    low: float
    high: float
    counts: tuple[int, ...]

    @property
    def edges(self) -> list[float]:
        """Ends of the bins, one more than there are bins."""
        step = (self.high - self.low) / len(self.counts)
        return [self.low + place * step for place in range(len(self.counts))] + [self.high]


@dataclass(frozen=True, slots=True)
class Facet:
    """Counts of one field over `total` units.

    `counts` by value (as forms send it), most frequent first; `span` of days; `with_vector` of an
    embedding key, of which `by_parts` have it through their frames or parts only.
    """

    field: str
    total: int
    counts: dict[str, int] | None = None
    histogram: Histogram | None = None
    span: tuple[str, str] | None = None
    with_vector: int | None = None
    by_parts: int = 0

    @property
    def own_vector(self) -> int:
        """How many units have a vector themselves, as searches and maps count them."""
        return (self.with_vector or 0) - self.by_parts


def facets(
    *, actor: Actor, root: Folder, state: ExplorerState, controls: Iterable[Control]
) -> dict[str, Facet]:
    """The facets of the controls, by field; controls of free text have none."""
    counter = _Counter(actor, root, state)
    found = (counter.facet(control) for control in controls)
    return {facet.field: facet for facet in found if facet is not None}


class _Counter:
    """Counts for one actor, root and state."""

    def __init__(self, actor: Actor, root: Folder, state: ExplorerState) -> None:
        self.actor, self.root, self.state = actor, root, state
        self.totals: dict[str, int] = {}
        self.bits: dict[str, UnitBits | None] = {}
        # The index of values knows no folders: it counts for those who see them all.
        self.context = filters.FilterContext(actor, root)
        self.sees_all = sees_whole_root(actor, root)
        self.found: UnitQuerySet | None = None
        if state.search is not None:
            # The search ignores filters here: it runs once, and each field's rest cuts it.
            found = Matching(search=state.search).units(actor=actor, root=root)
            self.found = Unit.objects.filter(pk__in=list(found.values_list("pk", flat=True)))

    def facet(self, control: Control) -> Facet | None:
        units, total = self._without(control.field)
        facet = Facet(control.field, total)
        if control.field == "kind":
            return replace(facet, counts=_counts(units.annotate(facet_value=F("kind"))))
        if control.field == "folder":
            return replace(facet, counts=self._by_folder(units))
        if control.field == "collection":
            return replace(facet, counts=_by_collection(units, control))
        if control.key is None:
            return None
        match control.kind:
            case ControlKind.HAS:
                # The two parts of the filter's condition, which is what a click on True shows:
                # each by itself is counted by a join.
                own = own_vector(control.key, self.root)
                by_parts = units.filter(vector_of_members(control.key)).exclude(own).count()
                with_vector = units.filter(own).count() + by_parts
                return replace(facet, with_vector=with_vector, by_parts=by_parts)
            case ControlKind.CHECKS:
                return replace(facet, counts=self._by_word(control.key, control.field, units))
            case ControlKind.RANGE:
                return replace(facet, histogram=self._by_number(control.key, control.field, units))
            case ControlKind.DATES:
                return replace(facet, span=_span(self._valued(control.key, control.field, units)))
        return None

    def _by_word(self, key: MetadataKey, field: str, units: UnitQuerySet) -> dict[str, int]:
        within = self._within(field) if self._index_counts(key) else None
        if within is not None or self._is_all_of_index(key, field):
            counts = word_counts(key, self.root, within)
            if counts is not None:
                return counts
        return _counts(self._valued(key, field, units))

    def _by_number(self, key: MetadataKey, field: str, units: UnitQuerySet) -> Histogram | None:
        within = self._within(field) if self._index_counts(key) else None
        if within is None and not self._is_all_of_index(key, field):
            return _histogram(self._valued(key, field, units))
        counted = number_counts(key, self.root, HISTOGRAM_BINS, within)
        return Histogram(counted[0], counted[1], tuple(counted[2])) if counted else None

    def _valued(self, key: MetadataKey, field: str, units: UnitQuerySet) -> QuerySet[Any]:
        """One row with `facet_value` for each unit: of the index where it can answer."""
        rows = None
        if self._index_counts(key):
            tree = without_field(self.state.filter, field)
            node = filters.parse(tree) if tree is not None else None
            rows = filters.indexed_units(node, self.context, key=key)
        if rows is not None:
            return rows.annotate(facet_value=F(value_column(key)))
        return units.annotate(facet_value=metadata_value(key))

    def _index_counts(self, key: MetadataKey) -> bool:
        return self.sees_all and self.found is None and is_indexed(key)

    def _is_all_of_index(self, key: MetadataKey, field: str) -> bool:
        """Whether every unit of the root with a value under the key is counted."""
        return self._index_counts(key) and without_field(self.state.filter, field) is None

    def _within(self, field: str) -> UnitBits | None:
        """The units that the other fields' conditions leave, where bits are quicker than a join."""
        tree = without_field(self.state.filter, field)
        same = repr(tree)
        if tree is None or self.totals.get(same, 0) < _MANY:
            return None
        if same not in self.bits:
            rows = filters.indexed_units(filters.parse(tree), self.context)
            self.bits[same] = unit_bits(rows) if rows is not None else None
        return self.bits[same]

    def _without(self, field: str) -> tuple[UnitQuerySet, int]:
        tree = without_field(self.state.filter, field)
        units = filtered_units(actor=self.actor, root=self.root, tree=tree)
        if self.found is not None:
            units = units.filter(pk__in=self.found.values("pk"))
        same = repr(tree)
        if same not in self.totals:
            self.totals[same] = self._total(tree, units)
        return units, self.totals[same]

    def _total(self, tree: Tree | None, units: UnitQuerySet) -> int:
        if self.found is not None or not self.sees_all:
            return units.count()
        node = filters.parse(tree) if tree is not None else None
        return filters.count_in_root(node, self.context)

    def _by_folder(self, units: UnitQuerySet) -> dict[str, int]:
        """Units in each folder and below it."""
        own = dict(units.order_by().values_list("folder").annotate(n=Count("pk")))
        seen = Folder.objects.visible_to(self.actor).filter(root=self.root)
        paths = list(seen.values_list("pk", "path"))
        by_hex = {pk.hex: pk for pk, _ in paths}
        counts: dict[str, int] = {}
        for pk, path in paths:
            for part in path.strip("/").split("/"):
                if own.get(pk) and part in by_hex:
                    above = str(by_hex[part])
                    counts[above] = counts.get(above, 0) + own[pk]
        return counts


def _counts(valued: QuerySet[Any]) -> dict[str, int]:
    rows = valued.order_by().values_list("facet_value").annotate(n=Count("*"))
    rows = rows.order_by("-n", "facet_value")
    return {as_text(value): n for value, n in rows if value is not None}


def _by_collection(units: UnitQuerySet, control: Control) -> dict[str, int]:
    listed = [UUID(option.value) for option in control.options]
    members = CollectionUnit.objects.filter(collection__in=listed, unit__in=units.values("pk"))
    rows = members.order_by().values_list("collection").annotate(n=Count("unit"))
    return {str(pk): n for pk, n in rows}


def _span(valued: QuerySet[Any]) -> tuple[str, str] | None:
    ends = valued.aggregate(first=Min("facet_value"), last=Max("facet_value"))
    if ends["first"] is None:
        return None
    return ends["first"].date().isoformat(), ends["last"].date().isoformat()


def _histogram(valued: QuerySet[Any]) -> Histogram | None:
    """Count values by bins between their least and greatest, in one statement."""
    try:
        sql, params = valued.order_by().values("facet_value").query.sql_with_params()
    except EmptyResultSet:
        return None
    # From JSON, reading a value costs more than keeping it; the index is quicker read twice.
    kept = "NOT MATERIALIZED" if valued.model is IndexedValue else "MATERIALIZED"
    # width_bucket refuses equal ends, and gives the greatest value a bin of its own.
    statement = f"""
        WITH v (x) AS {kept} ({sql}),
             ends AS (SELECT min(x) AS low, max(x) AS high FROM v)
        SELECT low, high,
               CASE WHEN low = high THEN 1
                    ELSE least(width_bucket(x, low, high, %s), %s) END AS bin,
               count(*)
        FROM v, ends WHERE x IS NOT NULL GROUP BY low, high, bin
    """  # noqa: S608  (compiled by Django; values are parameters)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, HISTOGRAM_BINS, HISTOGRAM_BINS])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    if not rows:
        return None
    counts = [0] * HISTOGRAM_BINS
    for _, _, place, count in rows:
        counts[place - 1] = count
    return Histogram(low=rows[0][0], high=rows[0][1], counts=tuple(counts))
