"""Counts of the rail, against counting by hand."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from collections_app.services.collect import collect
from explorer.constants import HISTOGRAM_BINS
from explorer.controls import controls_for
from explorer.facets import Facet, facets
from explorer.query import unit_page
from explorer.state import ExplorerState
from folders.choices import ItemKind, UnitKind
from folders.models import Unit
from tests.embeddings.worlds import put
from tests.explorer.conftest import World
from tests.factories import FolderFactory, UnitFactory

ActorFor = Callable[[User], Actor]
LABEL_A: dict[str, Any] = {"field": "metadata.label", "op": "in", "value": ["a"]}
SEEN: dict[str, Any] = {"field": "metadata.seen", "op": "in", "value": [True]}
CLIP: dict[str, Any] = {"field": "embedding.clip", "op": "exists", "value": True}


def count(actor: Actor, world: World, state: ExplorerState) -> dict[str, Facet]:
    controls = controls_for(actor, world.root)
    return facets(actor=actor, root=world.root, state=state, controls=controls)


def by_hand(units: list[Unit], key: str) -> dict[str, int]:
    texts = {True: "true", False: "false"}
    values = [unit.metadata.get(key) for unit in units]
    return dict(Counter(texts.get(v, str(v)) if isinstance(v, bool) else str(v) for v in values))


def test_facets__count_everything_without_a_filter(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    found = count(actor_for(viewer), world, ExplorerState())

    assert found["metadata.label"].counts == by_hand(world.units, "label")
    assert found["metadata.seen"].counts == by_hand(world.units, "seen")
    assert found["kind"].counts == {"image": 12}
    assert found["folder"].counts == {str(world.root.pk): 12, str(world.night.pk): 4}
    assert (found["embedding.clip"].with_vector, found["embedding.clip"].total) == (10, 12)
    assert found["metadata.taken"].span == ("2026-03-01", "2026-03-12")
    assert "metadata.note" not in found
    assert "name" not in found


def test_facets__histogram_holds_every_value_once(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    histogram = count(actor_for(viewer), world, ExplorerState())["metadata.ink"].histogram

    assert histogram is not None
    assert (histogram.low, histogram.high) == (0.0, 1.1)
    assert len(histogram.counts) == HISTOGRAM_BINS
    assert sum(histogram.counts) == 11
    assert histogram.counts[0] == 1
    assert histogram.counts[-1] == 1
    assert histogram.edges[0] == 0.0
    assert histogram.edges[-1] == 1.1


def test_facets__histogram_of_one_value_and_of_none(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    one = {"field": "name", "op": "eq", "value": "bird-03.png"}
    none = {"field": "name", "op": "eq", "value": "bird-05.png"}

    found = count(actor_for(viewer), world, ExplorerState(filter={"all": [one]}))
    histogram = found["metadata.ink"].histogram
    assert histogram is not None
    assert (histogram.low, histogram.high, sum(histogram.counts)) == (0.3, 0.3, 1)

    found = count(actor_for(viewer), world, ExplorerState(filter={"all": [none]}))
    assert found["metadata.ink"].histogram is None


def test_facets__leave_out_a_fields_own_conditions(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    found = count(actor_for(viewer), world, ExplorerState(filter={"all": [LABEL_A, SEEN]}))

    seen = [unit for unit in world.units if unit.metadata["seen"]]
    of_a = [unit for unit in world.units if unit.metadata["label"] == "a"]
    assert found["metadata.label"].counts == by_hand(seen, "label")
    assert found["metadata.seen"].counts == by_hand(of_a, "seen")
    assert found["kind"].counts == {"image": 2}


def test_facets__of_embeddings_keep_to_the_other_filters(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    found = count(actor_for(viewer), world, ExplorerState(filter={"all": [LABEL_A, CLIP]}))

    assert (found["embedding.clip"].with_vector, found["embedding.clip"].total) == (4, 4)
    assert found["metadata.label"].total == 10


def test_facets__of_embeddings_tell_what_frames_and_parts_add(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    video = UnitFactory.create(
        item__folder=world.root, item__kind=ItemKind.VIDEO, kind=UnitKind.VIDEO
    )
    frame = Unit.objects.create(
        item=video.item, frame=3, kind=UnitKind.FRAME, folder=world.root, root=world.root
    )
    put(world.clip, {frame.pk: [1.0, 2.0]})

    facet = count(actor_for(viewer), world, ExplorerState())["embedding.clip"]

    assert (facet.with_vector, facet.own_vector, facet.by_parts) == (12, 11, 1)


def test_facets__count_only_what_the_actor_sees(
    world: World, night_viewer: User, member: User, actor_for: ActorFor
) -> None:
    assert count(actor_for(member), world, ExplorerState())["kind"].counts == {}

    found = count(actor_for(night_viewer), world, ExplorerState())

    assert found["metadata.label"].counts == by_hand(world.units[8:], "label")
    assert found["embedding.clip"].with_vector == 2
    assert "folder" not in found
    assert found["metadata.taken"].span == ("2026-03-09", "2026-03-12")


def test_facets__of_collections(
    world: World, editor: User, night_viewer: User, actor_for: ActorFor
) -> None:
    made = collect(
        actor=actor_for(editor), root=world.root, name="Some", units=world.ids[6:10]
    ).collection

    everything = count(actor_for(editor), world, ExplorerState())
    part = count(actor_for(night_viewer), world, ExplorerState())

    assert everything["collection"].counts == {str(made.pk): 4}
    assert part["collection"].counts == {str(made.pk): 2}


def test_facets__within_a_search(world: World, viewer: User, actor_for: ActorFor) -> None:
    actor = actor_for(viewer)
    state = ExplorerState(embedding="clip", similar=world.ids[0])
    nearest = unit_page(actor=actor, root=world.root, state=state).rows[4]

    found = count(actor, world, state.changed(distance=nearest.distance))

    assert found["metadata.label"].counts == by_hand(world.units[:5], "label")
    assert count(actor, world, state)["kind"].counts == {"image": 10}


@pytest.mark.parametrize("extra", [0, 30])
def test_facets__ask_as_often_for_few_units_as_for_many(
    extra: int, world: World, viewer: User, actor_for: ActorFor
) -> None:
    for _ in range(extra):
        UnitFactory.create(item__folder=world.root)
    actor = actor_for(viewer)

    with CaptureQueriesContext(connection) as queries:
        count(actor, world, ExplorerState(filter={"all": [LABEL_A]}))

    assert len(queries) <= 49


def test_facets__of_folders_name_none_that_is_not_seen(
    world: World, night_viewer: User, actor_for: ActorFor
) -> None:
    FolderFactory.create(parent=world.night)

    found = count(actor_for(night_viewer), world, ExplorerState())["folder"]

    assert found.counts == {str(world.night.pk): 4}
