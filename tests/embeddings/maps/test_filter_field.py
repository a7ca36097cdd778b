"""The field `map` of the filter grammar."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from embeddings.maps.drawn import parse_parts
from embeddings.services.map_selections import select_on_map
from folders import filters
from folders.models import Folder, Unit
from tests.embeddings.mapping import make_map
from tests.embeddings.maps.conftest import SmallMap
from tests.embeddings.worlds import make_key, make_units


def leaf(value: Any) -> dict[str, Any]:
    return {"field": "map", "op": "within", "value": value}


def found(actor: Actor, root: Folder, value: Any) -> list[int]:
    units = filters.units(actor, root, filters.parse(leaf(value)))
    return sorted(units.values_list("pk", flat=True))


def test_map_filter__finds_units_in_the_region(
    small_map: SmallMap, birds: Folder, viewer: User, actor_for: Callable[[User], Actor]
) -> None:
    value = {"reduction": str(small_map.reduction.pk), "rectangle": [0, 0, 1, 1]}

    assert found(actor_for(viewer), birds, value) == [small_map.units[1], small_map.units[4]]


def test_map_filter__is_cut_by_what_the_actor_sees(
    small_map: SmallMap, birds: Folder, night_viewer: User, actor_for: Callable[[User], Actor]
) -> None:
    value = {"reduction": str(small_map.reduction.pk), "rectangle": [0, 0, 1, 1]}

    assert found(actor_for(night_viewer), birds, value) == [small_map.units[4]]


def test_map_filter__negated_holds_for_units_off_the_map(
    small_map: SmallMap, birds: Folder, viewer: User, actor_for: Callable[[User], Actor]
) -> None:
    off = make_units(birds, 1)
    value = {"reduction": str(small_map.reduction.pk), "rectangle": [-9, -9, 9, 9]}

    units = filters.units(actor_for(viewer), birds, filters.parse({"not": leaf(value)}))

    assert list(units.values_list("pk", flat=True)) == off


def test_map_filter__comes_back_from_an_address_in_one_form(small_map: SmallMap) -> None:
    value = {"reduction": str(small_map.reduction.pk).upper(), "rectangle": [3, 2, 1, 0]}

    node = filters.decode(filters.encode(filters.parse(leaf(value))))

    assert node.to_json() == leaf(
        {"reduction": str(small_map.reduction.pk), "rectangle": [1.0, 0.0, 3.0, 2.0]}
    )


def test_map_filter__refuses_a_map_of_another_root(
    small_map: SmallMap,
    birds: Folder,
    boats: Folder,
    admin: User,
    actor_for: Callable[[User], Actor],
) -> None:
    other = make_map(boats, make_key(boats), make_units(boats, 1), [(0, 0)])
    value = {"reduction": str(other.pk), "rectangle": [0, 0, 1, 1]}

    with pytest.raises(InvalidInput) as refused:
        found(actor_for(admin), birds, value)

    assert refused.value.errors[0].path == "value.reduction"
    assert found(actor_for(admin), boats, value)


def test_map_filter__by_a_selection_keeps_its_units(
    small_map: SmallMap,
    birds: Folder,
    boats: Folder,
    admin: User,
    viewer: User,
    night_viewer: User,
    actor_for: Callable[[User], Actor],
) -> None:
    parts = parse_parts([{"rectangle": [0, 0, 1, 1]}])
    kept = select_on_map(actor=actor_for(viewer), reduction=small_map.reduction, parts=parts)
    value = {"selection": str(kept.pk).upper()}

    assert found(actor_for(night_viewer), birds, value) == [small_map.units[4]]
    assert found(actor_for(viewer), birds, value) == [small_map.units[1], small_map.units[4]]
    small_map.reduction.delete()
    Unit.objects.filter(pk=small_map.units[1]).delete()
    assert found(actor_for(viewer), birds, value) == [small_map.units[4]]
    negated = filters.units(actor_for(viewer), birds, filters.parse({"not": leaf(value)}))
    assert negated.count() == 4

    with pytest.raises(InvalidInput) as refused:
        found(actor_for(admin), boats, value)
    assert refused.value.errors[0].path == "value.selection"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("here", "value"),
        ({"rectangle": [0, 0, 1, 1]}, "value.reduction"),
        ({"reduction": "x", "rectangle": [0, 0, 1, 1]}, "value.reduction"),
        ({"reduction": "{id}"}, "value"),
        ({"reduction": "{id}", "rectangle": [0, 0, 1]}, "value.rectangle"),
        ({"reduction": "{id}", "polygon": [[0, 0], [1, 1], [2]]}, "value.polygon.2"),
        ({"reduction": "{id}", "rectangle": [0, 0, 1, 1], "circle": 1}, "value"),
        ({"selection": "x"}, "value.selection"),
        ({"selection": "{id}", "reduction": "{id}"}, "value"),
    ],
)
def test_map_filter__refuses_with_the_place(value: Any, path: str, small_map: SmallMap) -> None:
    if isinstance(value, dict) and value.get("reduction") == "{id}":
        value = {**value, "reduction": str(small_map.reduction.pk)}

    with pytest.raises(InvalidInput) as refused:
        filters.parse(leaf(value))

    assert refused.value.errors[0].path == path
    assert refused.value.errors[0].message
