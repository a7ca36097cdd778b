"""Every engine answers what numpy computes over the table: ties, filters, pages, deletes.

An engine that is added to ENGINES is tested by these without a change.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from embeddings.search import ENGINES, VectorExample, distance_summary, search, service
from embeddings.search.distance import distances, norms
from embeddings.search.postgres import PostgresEngine
from embeddings.services.vectors import delete_vectors
from folders.choices import Metric
from folders.models import Folder, MetadataKey, Unit
from folders.querysets import UnitQuerySet
from tests.embeddings.worlds import make_key, make_units, put, stored

UNITS = 40
# Few values, so that vectors coincide, oppose each other, tie under one metric and not another;
# with lengths at which float32 arithmetic overflows and underflows.
NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 0.5, 3.0, 1.0000001, 1e-30, 1e-12, 1e15, 1e30, 3e38])
# Neighbouring float32 values: their distances differ in digits that float32 sums do not have.
NEARLY_TIED = st.integers(-20, 20).map(lambda step: 1 + step * 2.0**-23)
SMOOTH = st.floats(-10, 10, width=32)


@dataclass(frozen=True)
class World:
    """What one example searches in."""

    actor: Actor
    root: Folder
    key: MetadataKey
    units: list[int]


@dataclass(frozen=True)
class Plan:
    """One example: vectors by place of their unit, deletions, a query, a filter, a page size."""

    vectors: dict[int, list[float]]
    deleted: list[int]
    query: list[float]
    chosen: set[int] | None
    limit: int
    share: float | None


@st.composite
def plans(draw: st.DrawFn, dimensions: int) -> Plan:
    numbers = draw(st.sampled_from([NUMBERS, NEARLY_TIED, SMOOTH]))
    vector = st.lists(numbers, min_size=dimensions, max_size=dimensions)
    # Drawn from a pool, so that many units share one vector.
    pool = draw(st.lists(vector, min_size=1, max_size=12))
    places = st.integers(0, UNITS - 1)
    return Plan(
        vectors=draw(st.dictionaries(places, st.sampled_from(pool), min_size=1, max_size=UNITS)),
        deleted=draw(st.lists(places, max_size=5)),
        query=draw(st.one_of(vector, st.sampled_from(pool))),
        chosen=draw(st.one_of(st.none(), st.sets(places))),
        limit=draw(st.integers(1, 15)),
        share=draw(st.one_of(st.none(), st.floats(0, 1))),
    )


@pytest.fixture
def world(birds: Folder, editor: User, actor_for: Callable[[User], Actor]) -> Callable[..., World]:
    units = make_units(birds, UNITS)

    def make(metric: Metric, dimensions: int) -> World:
        key = make_key(birds, dimensions=dimensions, metric=metric)
        return World(actor_for(editor), birds, key, units)

    return make


@pytest.fixture(autouse=True)
def _narrow_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """With so few units the engine would fetch all at once; this one has to look twice."""
    monkeypatch.setitem(ENGINES, "postgres, no spare rows", PostgresEngine(spare_rows=0))


@pytest.mark.parametrize("engine", [*ENGINES, "postgres, no spare rows"])
@pytest.mark.parametrize("dimensions", [1, 3, 9])
@pytest.mark.parametrize("metric", list(Metric))
def test_search__is_what_numpy_computes(
    world: Callable[..., World],
    metric: Metric,
    dimensions: int,
    engine: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = world(metric, dimensions)
    if engine == "hnsw":
        # It would leave a page of a thousand to PostgreSQL, having no thousand units to propose.
        monkeypatch.setattr(service, "WINDOW", 0)

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(plan=plans(dimensions))
    def check(plan: Plan) -> None:
        carry_out(here, plan)
        query = np.array(plan.query, dtype=np.float32)
        if metric == Metric.COSINE and not query.any():
            return
        expected = by_numpy(here, plan, query)
        furthest = threshold(expected, plan)
        within = [hit for hit in expected if furthest is None or hit[0] <= furthest]

        assert pages(here, plan, furthest, engine) == within
        summary = distance_summary(
            actor=here.actor,
            root=here.root,
            key=here.key,
            query=VectorExample(plan.query),
            units=chosen_units(here, plan),
            threshold=furthest,
            engine=engine,
        )
        assert (summary.searched, summary.within) == (len(expected), len(within))
        if expected:
            measured = [distance for distance, _ in expected]
            assert (summary.minimum, summary.maximum) == (min(measured), max(measured))
            assert summary.counts == np.histogram(measured, bins=summary.edges)[0].tolist() or (
                min(measured) == max(measured) and sum(summary.counts) == len(measured)
            )

    check()


def carry_out(here: World, plan: Plan) -> None:
    """Bring the key's vectors to what the plan says, by the write service."""
    delete_vectors(key=here.key, unit_ids=here.units)
    put(here.key, {here.units[place]: vector for place, vector in plan.vectors.items()})
    delete_vectors(key=here.key, unit_ids=[here.units[place] for place in plan.deleted])


def by_numpy(here: World, plan: Plan, query: npt.NDArray[np.float32]) -> list[tuple[float, int]]:
    """(distance, unit id) of all that is to be found, in order, from what the table holds."""
    rows = stored(here.key)
    if plan.chosen is not None:
        kept = {here.units[place] for place in plan.chosen}
        rows = {unit: vector for unit, vector in rows.items() if unit in kept}
    if here.key.metric == Metric.COSINE:
        rows = {unit: vector for unit, vector in rows.items() if norms(vector[np.newaxis])[0] > 0}
    if not rows:
        return []
    measured = distances(query, np.array(list(rows.values())), Metric(here.key.metric))
    return sorted(zip(measured.tolist(), rows, strict=True))


def threshold(expected: list[tuple[float, int]], plan: Plan) -> float | None:
    """A largest distance that is met exactly by some hit: where a float32 comparison errs."""
    if plan.share is None or not expected:
        return None
    return expected[int(plan.share * (len(expected) - 1))][0]


def pages(here: World, plan: Plan, furthest: float | None, engine: str) -> list[tuple[float, int]]:
    """All hits, page after page."""
    found: list[tuple[float, int]] = []
    cursor: str | None = None
    while True:
        page = search(
            actor=here.actor,
            root=here.root,
            key=here.key,
            query=VectorExample(plan.query),
            units=chosen_units(here, plan),
            limit=plan.limit,
            cursor=cursor,
            max_distance=furthest,
            engine=engine,
        )
        found += [(hit.distance, hit.unit_id) for hit in page.hits]
        cursor = page.next_cursor
        if cursor is None:
            return found
        assert len(page.hits) == plan.limit


def chosen_units(here: World, plan: Plan) -> UnitQuerySet | None:
    if plan.chosen is None:
        return None
    return Unit.objects.filter(pk__in=[here.units[place] for place in plan.chosen])
