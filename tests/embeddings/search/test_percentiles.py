"""Percentiles and the histogram of a first page, against plain loops over what numpy computes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from accounts.actor import Actor
from accounts.models import User
from embeddings.search import ENGINES, Hit, UnitExample, VectorExample, distance_summary, search
from embeddings.search import service as pages_of
from embeddings.search.bounds import Bounds, Places
from embeddings.search.ranking import Order
from embeddings.services.coverage import Coverage
from folders.choices import Metric
from folders.models import Folder
from tests.embeddings.search.test_property import (
    UNITS,
    Plan,
    World,
    by_numpy,
    carry_out,
    chosen_units,
    plans,
    threshold,
)
from tests.embeddings.worlds import make_key, make_units, put

ActorFor = Callable[[User], Actor]


@pytest.mark.parametrize("engine", list(ENGINES))
@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("order", list(Order))
def test_percentiles__are_the_share_that_lies_strictly_nearer(
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
    order: Order,
    metric: Metric,
    engine: str,
) -> None:
    # Rankings of a few hits: most pages lie behind the first one.
    monkeypatch.setattr(pages_of, "WINDOW", 4)
    key = make_key(birds, dimensions=3, metric=metric)
    here = World(actor_for(editor), birds, key, make_units(birds, UNITS))

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(plan=plans(3))
    def check(plan: Plan) -> None:
        carry_out(here, plan)
        query = np.array(plan.query, dtype=np.float32)
        if metric == Metric.COSINE and not query.any():
            return
        expected = by_numpy(here, plan, query)
        measured = [distance for distance, _ in expected]
        furthest = threshold(expected, plan)
        asked = question(here, plan, furthest, engine)

        plain = walk(asked | {"order": order})
        with_histogram = search(**asked, order=order, limit=plan.limit, histogram=True)

        inside = [hit for hit in expected if furthest is None or hit[0] <= furthest]
        if order == Order.FARTHEST:
            inside.sort(key=lambda hit: (-hit[0], hit[1]))
        assert [(hit.distance, hit.unit_id) for hit in plain] == inside
        for hit in plain:
            nearer = sum(distance < hit.distance for distance in measured)
            assert hit.percentile == pytest.approx(100 * nearer / len(measured))
        assert with_histogram.hits == plain[: plan.limit]
        del asked["max_distance"]
        apart = distance_summary(**asked, threshold=furthest)
        together = with_histogram.distances
        assert together is not None
        assert replace(together, milliseconds=0.0) == replace(apart, milliseconds=0.0)

    check()


def question(here: World, plan: Plan, furthest: float | None, engine: str) -> dict[str, Any]:
    return {
        "actor": here.actor,
        "root": here.root,
        "key": here.key,
        "query": VectorExample(plan.query),
        "units": chosen_units(here, plan),
        "engine": engine,
        "max_distance": furthest,
    }


def walk(asked: dict[str, Any]) -> list[Hit]:
    """All hits, three at a time."""
    page = search(**asked, limit=3)
    found = page.hits
    while page.next_cursor is not None:
        page = search(**asked, limit=3, cursor=page.next_cursor)
        found = found + page.hits
    return found


def test_percentiles__ties_share_theirs_and_rolled_up_hits_keep_it(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    units, key = make_units(birds, 5), make_key(birds, dimensions=2)
    put(key, dict(zip(units, [(1, 0), (1, 0), (1, 1), (1, 1), (0, 1)], strict=True)))
    asked: dict[str, Any] = {
        "actor": actor_for(editor),
        "root": birds,
        "key": key,
        "query": UnitExample(units[0]),
    }

    for more in ({}, {"roll_up": True}, {"order": Order.FARTHEST}, {"max_distance": 0.5}):
        shares = {hit.unit_id: hit.percentile for hit in search(**asked, **more).hits}
        expected = dict(zip(units, [0.0, 0.0, 40.0, 40.0, 80.0], strict=True))
        assert shares == {unit: expected[unit] for unit in shares}
        assert len(shares) == (4 if "max_distance" in more else 5)


def test_bounds__choose_again_when_a_unit_has_gone() -> None:
    """The nearest one turns out to be gone when it is measured: the next one is due instead."""
    exact = np.array([np.nan, 2.0, 3.0])
    bounds = Bounds(
        np.array([7, 8, 9]),
        np.array([0.0, 1.5, 2.6]),
        np.array([1.0, 2.5, 3.5]),
        lambda places: exact[places],
        lambda: Coverage(units=3, with_vector=3, zero=0),
    )

    def first(now: Bounds) -> Places:
        return np.flatnonzero(now.lower <= now.upper.min())

    chosen = bounds.settle(first)

    assert bounds.unit_ids[chosen].tolist() == [8]
    assert (bounds.lower.tolist(), bounds.upper.tolist()) == ([2.0, 2.6], [2.0, 3.5])
    assert bounds.settle(lambda now: np.array([1])).tolist() == [1]
    assert bounds.lower[1] == 3.0
