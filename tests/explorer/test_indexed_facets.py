"""Counts by the index of values are those by the JSON, and as closely cut."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from explorer.controls import controls_for
from explorer.facets import Facet, facets
from explorer.query import count_units
from explorer.state import ExplorerState
from explorer.unit_bits import unit_bits
from folders.filters.indexed import rows_of
from folders.models import MetadataKey
from folders.services.value_index import request_indexing
from tests.explorer.conftest import World
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]

LABEL: dict[str, Any] = {"field": "metadata.label", "op": "in", "value": ["a"]}
NOT_LABEL: dict[str, Any] = {"field": "metadata.label", "op": "ne", "value": "a"}
INK: dict[str, Any] = {"field": "metadata.ink", "op": "between", "value": [0.2, 0.9]}
INK_TEXT: dict[str, Any] = {"field": "metadata.ink", "op": "gte", "value": "0.5"}
SEEN: dict[str, Any] = {"field": "metadata.seen", "op": "in", "value": [True]}
LATE: dict[str, Any] = {"field": "metadata.taken", "op": "gte", "value": "2026-03-04"}
NO_LABEL: dict[str, Any] = {"field": "metadata.label", "op": "exists", "value": False}
HAS_INK: dict[str, Any] = {"field": "metadata.ink", "op": "exists", "value": True}
NAME: dict[str, Any] = {"field": "name", "op": "contains", "value": "1"}

TREES: list[dict[str, Any] | None] = [
    None,
    {"all": []},
    LABEL,
    {"all": [LABEL]},
    {"all": [LABEL, INK]},
    {"all": [INK_TEXT, SEEN, LATE]},
    {"all": [NOT_LABEL, HAS_INK]},
    {"all": [NO_LABEL]},
    {"all": [NO_LABEL, INK]},
    {"all": [LABEL, NAME]},
    {"all": [{"any": [LABEL, SEEN]}]},
    {"not": LABEL},
]


def count(actor: Actor, world: World, state: ExplorerState) -> dict[str, Facet]:
    controls = controls_for(actor, world.root)
    return facets(actor=actor, root=world.root, state=state, controls=controls)


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("who", ["night_viewer", "viewer", "admin"])
@pytest.mark.parametrize("many", [0, 20_000], ids=["within bits", "by joins"])
def test_facets__by_the_index_are_those_by_the_json(
    world: World,
    who: str,
    tree: dict[str, Any] | None,
    admin: User,
    actor_for: ActorFor,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    many: int,
) -> None:
    monkeypatch.setattr("explorer.facets._MANY", many)
    actor = actor_for(request.getfixturevalue(who))
    state = ExplorerState(filter=tree)
    MetadataKey.objects.update(indexed_at=None)
    by_json = count(actor, world, state)
    shown = count_units(actor=actor, root=world.root, state=state)

    request_indexing(actor=actor_for(admin))
    run_jobs()

    assert MetadataKey.objects.exclude(type="embedding").filter(indexed_at=None).count() == 0
    assert count(actor, world, state) == by_json
    assert count_units(actor=actor, root=world.root, state=state) == shown


def test_unit_bits__are_the_units_and_give_up_where_these_lie_too_far_apart(
    world: World, admin: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_indexing(actor=actor_for(admin))
    run_jobs()
    key = MetadataKey.objects.get(name="ink")
    rows = rows_of(key, world.root.pk)
    units = list(rows.order_by("unit_id").values_list("unit_id", flat=True))

    found = unit_bits(rows)

    assert found is not None
    bits = np.unpackbits(np.frombuffer(found.bits, dtype=np.uint8), bitorder="little")
    assert [found.first + int(place) for place in np.flatnonzero(bits)] == units
    condition, values = found.condition()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT unit_id FROM folders_indexedvalue WHERE key_id = %s{condition} ORDER BY 1",  # noqa: S608
            [key.pk, *values],
        )
        assert [unit for (unit,) in cursor.fetchall()] == units
    assert unit_bits(rows.filter(unit_id=0)) is None
    monkeypatch.setattr("explorer.unit_bits._MAX_SPAN", units[-1] - units[0])
    assert unit_bits(rows) is None


def test_counts__of_a_whole_root_leave_the_units_alone(
    world: World, viewer: User, admin: User, actor_for: ActorFor
) -> None:
    request_indexing(actor=actor_for(admin))
    run_jobs()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        count_units(
            actor=actor_for(viewer),
            root=world.root,
            state=ExplorerState(filter={"all": [LABEL, INK]}),
        )

    assert not [query for query in asked.captured_queries if "folders_unit" in query["sql"]]
