"""Counts by the index of values are those by the JSON, and as closely cut."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from explorer.controls import controls_for
from explorer.facets import Facet, facets
from explorer.query import count_units
from explorer.state import ExplorerState
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
def test_facets__by_the_index_are_those_by_the_json(
    world: World,
    who: str,
    tree: dict[str, Any] | None,
    admin: User,
    actor_for: ActorFor,
    request: pytest.FixtureRequest,
) -> None:
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
