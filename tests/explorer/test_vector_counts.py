"""Filter, rail, coverage and search count the same vectors, each in its own words."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from embeddings.search import UnitExample, search
from embeddings.services.coverage import coverage
from explorer.controls import controls_for
from explorer.facets import Facet, facets
from explorer.query import count_units
from explorer.state import ExplorerState
from folders import filters
from folders.choices import ItemKind, UnitKind
from folders.models import Folder, MetadataKey, Unit
from folders.services.frame_times import probe_item
from folders.services.frames import sample_frames
from tests.embeddings.worlds import make_key, make_units, put
from tests.factories import ItemFactory, UnitFactory
from tests.folders.framed import make_sequence, make_video

ActorFor = Callable[[User], Actor]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


@pytest.fixture
def wholes(birds: Folder, night: Folder) -> dict[int, list[int]]:
    """Units of wholes with those of their members; two stills have none."""
    found: dict[int, list[int]] = {}
    for item in (
        make_video(birds, fps=1, duration=3),
        make_video(night, fps=1, duration=2, name="b.mp4"),
        make_sequence(birds, 2),
    ):
        sample_frames(item=item, probe=probe_item(item))
        units = Unit.objects.filter(item=item)
        frames = list(units.filter(frame__isnull=False).values_list("pk", flat=True))
        found[units.get(frame=None).pk] = frames
    group = ItemFactory.create(folder=birds, kind=ItemKind.IMAGE_GROUP)
    whole = UnitFactory.create(item=group, kind=UnitKind.IMAGE_GROUP)
    parts = [
        UnitFactory.create(item__folder=birds, item__parent=group, item__position=n).pk
        for n in range(2)
    ]
    found[whole.pk] = parts
    return found | {unit: [] for unit in make_units(birds, 2)}


def exists(key: MetadataKey, *, value: bool = True) -> dict[str, Any]:
    return {"field": f"embedding.{key.name}", "op": "exists", "value": value}


def facet_of(actor: Actor, root: Folder, key: MetadataKey) -> Facet:
    """What the rail says of a key."""
    field = f"embedding.{key.name}"
    controls = [control for control in controls_for(actor, root) if control.field == field]
    return facets(actor=actor, root=root, state=ExplorerState(), controls=controls)[field]


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(st.sets(st.integers(0, 14)))
def test_counts__agree_with_each_other_and_with_a_naive_model(
    birds: Folder,
    key: MetadataKey,
    wholes: dict[int, list[int]],
    viewer: User,
    actor_for: ActorFor,
    chosen: set[int],
) -> None:
    actor = actor_for(viewer)
    everything = sorted({*wholes, *(unit for members in wholes.values() for unit in members)})
    assert len(everything) == 15
    own = {everything[place] for place in chosen}
    key = make_key(birds, dimensions=2)
    put(key, {unit: [1, 1] for unit in own})
    held = own | {whole for whole, members in wholes.items() if own & set(members)}

    def matching(tree: dict[str, Any]) -> set[int]:
        units = filters.units(actor, birds, filters.parse(tree))
        return set(units.values_list("pk", flat=True))

    has, has_not = exists(key), exists(key, value=False)
    frame_1 = {"field": "frame", "op": "eq", "value": 1}
    assert matching(has) == held == matching({"not": has_not})
    assert matching(has_not) == set(everything) - held == matching({"not": has})
    assert matching({"any": [has, has_not]}) == set(everything)
    assert matching({"all": [has, has_not]}) == set()
    assert matching({"any": [frame_1, {"not": has}]}) >= set(everything) - held

    facet = facet_of(actor, birds, key)
    covered = coverage(actor, birds, key)
    assert (facet.with_vector, facet.own_vector) == (len(held), len(own))
    assert facet.by_parts == len(held - own)
    assert count_units(actor=actor, root=birds, state=ExplorerState(filter=has)) == len(held)
    assert (covered.units, covered.with_vector) == (facet.total, facet.own_vector)
    if own:
        found = search(actor=actor, root=birds, key=key, query=UnitExample(min(own)))
        assert found.searched == covered.with_vector
        assert found.left_out.no_vector == covered.without_vector


def test_counts__within_what_is_seen(
    birds: Folder,
    key: MetadataKey,
    wholes: dict[int, list[int]],
    night_viewer: User,
    actor_for: ActorFor,
) -> None:
    actor = actor_for(night_viewer)
    first, second, *_ = wholes
    put(key, {wholes[first][0]: [1, 1], wholes[second][1]: [1, 1]})

    facet = facet_of(actor, birds, key)

    assert (facet.total, facet.with_vector, facet.by_parts) == (3, 2, 1)
    assert coverage(actor, birds, key).with_vector == 1
