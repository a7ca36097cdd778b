"""*Exclude*: states without what was selected."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from explorer import leaving_out
from explorer.chips import chips_of
from explorer.leaving_out import without_matching, without_units
from explorer.query import unit_page
from explorer.state import ExplorerState
from tests.explorer.conftest import World

LABEL_A: dict[str, Any] = {"field": "metadata.label", "op": "in", "value": ["a"]}


@pytest.fixture
def actor(viewer: User, actor_for: "object") -> Actor:
    """Who looks."""
    return actor_for(viewer)  # type: ignore[operator, no-any-return]


def shown(world: World, actor: Actor, state: ExplorerState) -> set[int]:
    """Which units a state shows, by their place in the world."""
    page = unit_page(actor=actor, root=world.root, state=state)
    return {world.ids.index(row.unit.pk) for row in page.rows}


def test_units__leave_one_after_the_other_by_one_condition(world: World, actor: Actor) -> None:
    state = ExplorerState(filter={"all": [LABEL_A]})

    once = without_units(state, world.ids[:2])
    twice = without_units(once, world.ids[2:4])

    assert shown(world, actor, state) == {0, 3, 6, 9}
    assert shown(world, actor, once) == {3, 6, 9}
    assert shown(world, actor, twice) == {6, 9}
    assert twice.filter is not None
    assert len(twice.filter["all"]) == 2
    (_, chip) = chips_of(twice, [])
    assert (chip.name, chip.negated, chip.value) == ("Units", True, "4 selected")
    assert ExplorerState.from_query(twice.parameters()) == twice


def test_units__beyond_what_an_address_holds_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving_out, "MAX_LEFT_OUT", 3)
    state = without_units(ExplorerState(), world.ids[:2])

    with pytest.raises(InvalidInput, match="these make 4"):
        without_units(state, world.ids[2:4])


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        ([LABEL_A], {1, 2, 4, 5, 7, 8, 10, 11}),
        ([{"not": LABEL_A}], {0, 3, 6, 9}),
        # Unit 5 has no ink: what is not known to match does not.
        (
            [LABEL_A, {"field": "metadata.ink", "op": "gte", "value": 0.6}],
            {0, 1, 2, 3, 4, 5, 7, 8, 10, 11},
        ),
    ],
)
def test_matching__leaves_by_the_opposite_of_the_filter(
    world: World, actor: Actor, parts: list[dict[str, Any]], left: set[int]
) -> None:
    state = ExplorerState(filter={"all": parts})

    rest = without_matching(state)

    assert shown(world, actor, rest) == left
    assert not shown(world, actor, rest) & shown(world, actor, state)


def test_matching__of_a_threshold_leaves_what_lies_beyond(world: World, actor: Actor) -> None:
    state = ExplorerState(embedding="clip", similar=world.ids[0], distance=0.05)
    near = shown(world, actor, state)

    rest = without_matching(state)

    assert rest.distance is None
    assert 0 < len(near) < 10
    # The search goes on, among the others that have a vector.
    assert shown(world, actor, rest) == set(range(10)) - near


def test_matching__of_everything_is_refused() -> None:
    with pytest.raises(InvalidInput, match="nothing would be left"):
        without_matching(ExplorerState())


def test_page__excludes_units_and_regions(
    world: World, client: Client, outsider: User, viewer: User
) -> None:
    target = reverse("explorer-exclude", args=[world.root.pk])
    state = ExplorerState(order="name").query()
    client.force_login(outsider)
    assert client.post(target, {"units": world.ids[0], "state": state}).status_code == 404

    client.force_login(viewer)
    answer = client.post(target, {"units": world.ids[0], "state": state})
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query["order"] == ["name"]
    htmx = {"HX-Request": "true"}
    answer = client.post(target, {"units": world.ids[0], "state": state}, headers=htmx)
    assert answer["HX-Push-Url"].endswith(urlsplit(answer["HX-Push-Url"]).query)
    assert "11 units" in answer.content.decode()
    assert "4 selected" not in answer.content.decode()
    region = '{"field": "name", "op": "contains", "value": "bird-0"}'
    answer = client.post(target, {"matching": state, "part": region}, headers=htmx)
    assert "2 units" in answer.content.decode()


@pytest.mark.parametrize("said", [{}, {"units": ""}, {"units": "x"}, {"matching": ""}])
def test_page__refuses_what_leaves_nothing_to_do(
    world: World, page: Client, said: dict[str, str]
) -> None:
    assert page.post(reverse("explorer-exclude", args=[world.root.pk]), said).status_code == 400
