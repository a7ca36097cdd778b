"""The field `distance` of the filter grammar, against plain loops over numpy distances."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from embeddings.search import UnitExample, search
from embeddings.search.distance import distances
from embeddings.vector_text import encode_vector
from folders import filters
from folders.choices import Metric
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, make_units, put, stored

ActorFor = Callable[[User], Actor]
COMPARE = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}


def leaf(op: str, key: MetadataKey, **value: Any) -> dict[str, Any]:
    return {"field": "distance", "op": op, "value": {"key": key.name, **value}}


def found(actor: Actor, root: Folder, tree: dict[str, Any]) -> list[int]:
    units = filters.units(actor, root, filters.parse(tree))
    return sorted(units.values_list("pk", flat=True))


def fill(key: MetadataKey, units: list[int]) -> None:
    """Every vector stands there twice, so that thresholds lie on ties."""
    half = len(units) // 2
    rows = [*np.random.default_rng(5).normal(size=(half, 3))] * 2
    put(key, {unit: row.tolist() for unit, row in zip(units, rows, strict=True)})


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("op", list(COMPARE))
def test_distance_filter__divides_the_units_as_a_loop_does(
    op: str, metric: Metric, birds: Folder, viewer: User, actor_for: ActorFor
) -> None:
    units, key = make_units(birds, 32), make_key(birds, metric=metric)
    without = make_units(birds, 2)
    fill(key, units)
    vectors = stored(key)
    exact = distances(vectors[units[4]], np.array([vectors[unit] for unit in units]), metric)

    for place in (4, 11, 25):
        threshold = float(exact[place])
        tree = leaf(op, key, plus=[units[4]], threshold=threshold)
        expected = [
            unit
            for unit, one in zip(units, exact, strict=True)
            if COMPARE[op](float(one), threshold)
        ]
        assert found(actor_for(viewer), birds, tree) == expected
        opposite = found(actor_for(viewer), birds, {"not": tree})
        assert opposite == sorted({*units, *without} - set(expected))


def test_distance_filter__blends_examples(birds: Folder, viewer: User, actor_for: ActorFor) -> None:
    units, key = make_units(birds, 4), make_key(birds)
    put(key, dict(zip(units, [(1, 0, 0), (0, 2, 0), (1, 1, 0), (0, 0, 1)], strict=True)))
    both = leaf("lte", key, plus=units[:2], threshold=1e-6)
    less = leaf(
        "lte", key, vector=encode_vector(np.array([1, 1, 0], "f4")), minus=[units[1]], threshold=0.2
    )

    assert found(actor_for(viewer), birds, both) == [units[2]]
    # Along (1, 1, 0)/sqrt(2) - (0, 1, 0): nearest to the first axis.
    query = np.array([[0.7071, 0.7071 - 1, 0]])
    expected = [
        unit
        for unit in units
        if distances(query[0].astype("f4"), stored(key)[unit][None], Metric.COSINE)[0] <= 0.2
    ]
    assert found(actor_for(viewer), birds, less) == expected == [units[0]]


def test_distance_filter__narrows_a_search_and_joins_other_conditions(
    birds: Folder, viewer: User, actor_for: ActorFor
) -> None:
    actor, units, key = actor_for(viewer), make_units(birds, 20), make_key(birds)
    fill(key, units)
    all_hits = search(actor=actor, root=birds, key=key, query=UnitExample(units[0]), limit=20).hits
    near = leaf("lte", key, plus=[units[0]], threshold=all_hits[9].distance)
    name = {"field": "name", "op": "in", "value": ["image-00000.png", "image-00001.png"]}

    inside = filters.units(actor, birds, filters.parse(near))
    hits = search(
        actor=actor, root=birds, key=key, query=UnitExample(units[3]), units=inside, limit=20
    ).hits

    assert {hit.unit_id for hit in hits} == {hit.unit_id for hit in all_hits[:10]}
    assert found(actor, birds, {"all": [near, name]}) == [
        unit for unit in units[:2] if unit in {hit.unit_id for hit in all_hits[:10]}
    ]


def test_distance_filter__is_cut_by_what_the_actor_sees(
    birds: Folder, night: Folder, viewer: User, night_viewer: User, actor_for: ActorFor
) -> None:
    there, hidden, key = make_units(night, 3), make_units(birds, 3), make_key(birds)
    put(key, {unit: [1.0, 0.0, 0.5] for unit in there + hidden})

    with pytest.raises(InvalidInput) as refused:
        found(actor_for(night_viewer), birds, leaf("lte", key, plus=hidden[:1], threshold=2))

    assert refused.value.errors[0].path == "value"
    near = leaf("lte", key, plus=there[:1], threshold=2)
    assert found(actor_for(night_viewer), birds, near) == there
    assert found(actor_for(viewer), birds, near) == sorted(there + hidden)


def test_distance_filter__follows_new_vectors(
    birds: Folder, viewer: User, actor_for: ActorFor
) -> None:
    units, key = make_units(birds, 2), make_key(birds)
    put(key, {units[0]: [1, 0, 0]})
    tree = leaf("lte", key, plus=[units[0]], threshold=0.1)
    assert found(actor_for(viewer), birds, tree) == [units[0]]

    put(key, {units[1]: [1, 0, 0]})

    assert found(actor_for(viewer), birds, tree) == units


def test_distance_filter__leaves_zero_vectors_out_of_cosine(
    birds: Folder, viewer: User, actor_for: ActorFor
) -> None:
    units, key = make_units(birds, 2), make_key(birds)
    put(key, {units[0]: [1, 0, 0], units[1]: [0, 0, 0]})

    for op in ("lte", "gte"):
        tree = leaf(op, key, plus=[units[0]], threshold=0)
        assert found(actor_for(viewer), birds, tree) == [units[0]]


def test_distance_filter__comes_back_from_an_address_in_one_form(birds: Folder) -> None:
    key = make_key(birds)
    numbers = leaf("gte", key, vector=[0.5, -1, 2], plus=[3, 3], threshold="0.25")
    letters = encode_vector(np.array([0.5, -1, 2], "f4"))

    node = filters.decode(filters.encode(filters.parse(numbers)))

    expected = leaf("gte", key, plus=[3], minus=[], vector=letters, threshold=0.25)
    assert node.to_json() == expected


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"threshold": True}, "value.threshold"),
        ({"threshold": "far"}, "value.threshold"),
        ({"plus": []}, "value"),
        ({"plus": [-1]}, "value.plus.0"),
        ({"plus": 7}, "value.plus"),
        ({"minus": [True]}, "value.minus.0"),
        ({"plus": list(range(101))}, "value.plus"),
        ({"vector": "???"}, "value.vector"),
        ({"vector": [1, "2"]}, "value.vector.1"),
        ({"radius": 2}, "value"),
        ({"key": 3}, "value.key"),
    ],
)
def test_distance_filter__refuses_what_says_no_distance(
    change: dict[str, Any], path: str, birds: Folder
) -> None:
    value = {"plus": [1], "threshold": 0.5} | change
    tree = leaf("lte", make_key(birds), **value) if "key" not in value else None
    tree = tree or {"field": "distance", "op": "lte", "value": value}

    with pytest.raises(InvalidInput) as refused:
        filters.parse(tree)

    assert refused.value.errors[0].path == path


def test_distance_filter__is_without_a_threshold_only_as_a_search(birds: Folder) -> None:
    """Whatever has a distance is at most so far away; beyond that there is nothing."""
    key = make_key(birds)

    filters.parse(leaf("lte", key, plus=[1], threshold=None))
    with pytest.raises(InvalidInput) as refused:
        filters.parse(leaf("gt", key, plus=[1], threshold=None))

    assert refused.value.errors[0].path == "value.threshold"


def test_distance_filter__refuses_what_makes_no_query(
    birds: Folder, boats: Folder, viewer: User, actor_for: ActorFor
) -> None:
    units, key = make_units(birds, 2), make_key(birds)
    put(key, {units[0]: [1, 0, 0]})
    other = make_key(boats)
    trees = {
        "value": [
            leaf("lte", key, plus=[units[1]], threshold=1),
            leaf("lte", key, vector=[1, 0], threshold=1),
            leaf("lte", key, vector=[0, 0, 0], threshold=1),
            leaf("lte", key, plus=[units[0]], minus=[units[0]], threshold=1),
        ],
        "value.key": [
            {"field": "distance", "op": "lte"}
            | {"value": {"key": f"{other.name}?", "plus": [1], "threshold": 1}}
        ],
    }

    for path, wrong in trees.items():
        for tree in wrong:
            with pytest.raises(InvalidInput) as refused:
                found(actor_for(viewer), birds, tree)
            assert refused.value.errors[0].path == path
    Unit.objects.filter(pk=units[0]).delete()
    with pytest.raises(InvalidInput):
        found(actor_for(viewer), birds, leaf("lte", key, plus=[units[0]], threshold=1))
