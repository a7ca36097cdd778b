"""Filter trees as lists of conditions."""

from explorer.conjuncts import (
    fields_of,
    join,
    leaves_of,
    parts_of,
    with_leaves,
    with_part,
    without_field,
    without_part,
)

KIND = {"field": "kind", "op": "in", "value": ["image"]}
NAME = {"field": "name", "op": "contains", "value": "owl"}
LOW = {"field": "metadata.ink", "op": "gte", "value": 1}
HIGH = {"field": "metadata.ink", "op": "lte", "value": 2}
GROUP = {"any": [KIND, {"not": NAME}]}


def test_parts__of_every_shape() -> None:
    assert parts_of(None) == []
    assert parts_of(KIND) == [KIND]
    assert parts_of({"all": [KIND, NAME]}) == [KIND, NAME]
    assert parts_of(GROUP) == [GROUP]


def test_join__nothing_is_no_filter() -> None:
    assert join([]) is None
    assert join([KIND]) == {"all": [KIND]}


def test_fields__of_groups_and_negations() -> None:
    assert fields_of(GROUP) == {"kind", "name"}
    assert fields_of({"all": []}) == set()


def test_without_field__keeps_groups_that_ask_for_more() -> None:
    tree = join([KIND, GROUP, {"not": KIND}])

    assert without_field(tree, "kind") == {"all": [GROUP]}
    assert without_field(join([KIND]), "kind") is None


def test_without_part__by_place() -> None:
    assert without_part(join([KIND, NAME]), 0) == {"all": [NAME]}
    assert without_part(join([KIND]), 0) is None


def test_with_part__is_not_doubled() -> None:
    assert with_part(None, KIND) == {"all": [KIND]}
    assert with_part(join([KIND]), KIND) == {"all": [KIND]}


def test_with_leaves__replaces_in_place_and_keeps_what_is_negated() -> None:
    tree = join([LOW, NAME, HIGH, {"not": LOW}])
    new = {"field": "metadata.ink", "op": "eq", "value": 3}

    assert with_leaves(tree, "metadata.ink", [new]) == {"all": [new, NAME, {"not": LOW}]}
    assert with_leaves(tree, "metadata.ink", []) == {"all": [NAME, {"not": LOW}]}
    assert with_leaves(None, "kind", [KIND]) == {"all": [KIND]}
    assert leaves_of(tree, "metadata.ink") == [LOW, HIGH]
