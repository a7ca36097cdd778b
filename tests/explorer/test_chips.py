"""The filter in words."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict

from accounts.actor import Actor
from accounts.models import User
from explorer.chips import Chip, chips_of
from explorer.controls import controls_for
from explorer.state import ExplorerState
from tests.explorer.conftest import World

ActorFor = Callable[[User], Actor]
REDUCTION = "00000000-0000-4000-8000-000000000000"


def words(chip: Chip) -> str:
    text = f"{chip.name} {chip.words} {chip.value}".strip()
    return f"not: {text}" if chip.negated else text


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (("embedding.clip", "exists", True), "Custom Embeddings clip is True"),
        (("embedding.clip", "exists", False), "Custom Embeddings clip is False"),
        (("metadata.label", "in", ["a"]), "label is a"),
        (("metadata.label", "in", ["a", "b"]), "label is a or b"),
        (("metadata.label", "in", list("abcde")), "label is a, b, c or 2 more"),
        (("metadata.label", "not_in", ["a"]), "not: label is a"),
        (("metadata.seen", "in", [True]), "seen is True"),
        (("metadata.ink", "gte", 0.123456), "ink at least 0.1235"),
        (("metadata.ink", "between", [0.25, 3]), "ink from 0.25 to 3"),
        (("metadata.taken", "lte", "2026-03-02T23:59:59+00:00"), "taken at most 2026-03-02"),
        (("name", "contains", "owl"), "Name contains owl"),
        (("kind", "in", ["image", "frame"]), "Kind is Image or Frame"),
        (("width", "gt", 100), "Width more than 100"),
        (
            ("map", "within", {"reduction": REDUCTION, "rectangle": [0, 0, 1, 1]}),
            "Map selection in a rectangle",
        ),
        (
            ("map", "within", {"selection": REDUCTION}),
            "Map selection in a region of the map as it formed",
        ),
        (
            ("map", "within", {"reduction": REDUCTION, "polygon": [[0, 0], [1, 0], [0, 1]]}),
            "Map selection in a region of 3 corners",
        ),
        (
            (
                "distance",
                "lte",
                {"key": "clip", "plus": [7], "minus": [], "vector": "", "threshold": 0.38612},
            ),
            "Distance at most 0.3861 from 1 example under clip",
        ),
        (
            (
                "distance",
                "gt",
                {"key": "clip", "plus": [7], "minus": [9], "vector": "AAAAAA", "threshold": 1.0},
            ),
            "Distance more than 1 from 2 examples, 1 minus, under clip",
        ),
    ],
)
def test_chip__says_a_condition(
    part: tuple[str, str, Any], expected: str, world: World, viewer: User, actor_for: ActorFor
) -> None:
    leaf = dict(zip(("field", "op", "value"), part, strict=True))
    state = ExplorerState(filter={"all": [leaf]})

    [chip] = chips_of(state, controls_for(actor_for(viewer), world.root))

    assert words(chip) == expected


def test_chip__of_negations_and_groups(world: World, viewer: User, actor_for: ActorFor) -> None:
    owl = {"field": "name", "op": "contains", "value": "owl"}
    image = {"field": "kind", "op": "in", "value": ["image"]}
    state = ExplorerState(filter={"all": [{"not": owl}, {"any": [owl, image]}]})

    chips = chips_of(state, controls_for(actor_for(viewer), world.root))

    assert [words(chip) for chip in chips] == [
        "not: Name contains owl",
        "Group any of 2 conditions on Kind, Name",
    ]


def test_chip__names_folders(world: World, viewer: User, actor_for: ActorFor) -> None:
    leaf = {"field": "folder", "op": "in", "value": [str(world.night.pk)]}
    state = ExplorerState(filter={"all": [leaf]})

    [chip] = chips_of(state, controls_for(actor_for(viewer), world.root))

    assert words(chip) == "Folder is Night"


def test_chip__takes_its_condition_away(world: World, viewer: User, actor_for: ActorFor) -> None:
    owl = {"field": "name", "op": "contains", "value": "owl"}
    image = {"field": "kind", "op": "in", "value": ["image"]}
    state = ExplorerState(
        filter={"all": [owl, image]}, embedding="clip", similar=3, distance=0.5, order="name"
    )

    first, second, search = chips_of(state, controls_for(actor_for(viewer), world.root))

    assert words(search) == "Similarity Search 1 example, Distance ≤ 0.5"
    assert ExplorerState.from_query(QueryDict(first.remove)) == state.changed(
        filter={"all": [image]}
    )
    assert ExplorerState.from_query(QueryDict(second.remove)).filter == {"all": [owl]}
    assert ExplorerState.from_query(QueryDict(search.remove)) == state.changed(similar=None)
