"""Reading, writing and carrying filters; no database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from folders import filters
from folders.filters.codec import MAX_ENCODED
from folders.filters.parse import MAX_DEPTH, MAX_LEAVES

LEAF = {"field": "width", "op": "gte", "value": 100}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
numbers = st.integers(-(2**60), 2**60) | st.floats(-1e200, 1e200, allow_nan=False)
leaves = st.one_of(
    st.builds(
        lambda op, value: {"field": "width", "op": op, "value": value},
        st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]),
        numbers,
    ),
    st.builds(
        lambda ends: {"field": "duration", "op": "between", "value": sorted(ends)},
        st.lists(numbers, min_size=2, max_size=2),
    ),
    st.builds(
        lambda op, names: {"field": "name", "op": op, "value": names},
        st.sampled_from(["in", "not_in"]),
        st.lists(texts, min_size=1, max_size=5),
    ),
    st.builds(lambda text: {"field": "name", "op": "contains", "value": text}, texts),
    st.builds(lambda is_: {"field": "frame", "op": "exists", "value": is_}, st.booleans()),
    st.builds(lambda pk: {"field": "item", "op": "eq", "value": str(pk).upper()}, st.uuids()),
    st.builds(
        lambda at: {"field": "created_at", "op": "lt", "value": at.isoformat()}, st.datetimes()
    ),
    st.builds(
        lambda key, value: {"field": f"metadata.{key}", "op": "eq", "value": value},
        texts.filter(bool),
        texts | numbers | st.booleans(),
    ),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


@given(trees)
def test_parse__what_is_written_reads_the_same(tree: dict[str, Any]) -> None:
    node = filters.parse(tree)

    assert filters.parse(node.to_json()) == node


@given(trees)
def test_encode__goes_through_an_address_and_back(tree: dict[str, Any]) -> None:
    node = filters.parse(tree)

    text = filters.encode(node)

    assert filters.decode(text) == node
    assert text.replace("-", "").replace("_", "").isalnum()
    assert text.isascii()


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: "j" + b.hex()))
def test_decode__anything_else_is_refused_politely(text: str) -> None:
    with pytest.raises(InvalidInput):
        filters.decode(text)


def test_decode__text_that_unpacks_to_too_much_is_refused() -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000)).decode()
    assert len(bomb) < MAX_ENCODED

    with pytest.raises(InvalidInput):
        filters.decode("z" + bomb)


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        (None, ""),
        ([], ""),
        ({}, ""),
        ({"all": [], "any": []}, ""),
        ({"all": LEAF}, "all"),
        ({"all": [LEAF, {"any": [{"not": 3}]}]}, "all.1.any.0.not"),
        ({"field": "width", "op": "gte"}, ""),
        ({"field": 3, "op": "gte", "value": 1}, "field"),
        ({"field": "colour", "op": "eq", "value": 1}, "field"),
        ({"field": "metadata", "op": "eq", "value": 1}, "field"),
        ({"field": "metadata.", "op": "eq", "value": 1}, "field"),
        ({"field": "width.x", "op": "eq", "value": 1}, "field"),
        ({"field": "width", "op": "like", "value": 1}, "op"),
        ({"field": "width", "op": "eq", "value": "wide"}, "value"),
        ({"field": "width", "op": "eq", "value": True}, "value"),
        ({"field": "width", "op": "eq", "value": float("nan")}, "value"),
        ({"field": "width", "op": "between", "value": [2, 1]}, "value"),
        ({"field": "width", "op": "between", "value": [1]}, "value"),
        ({"field": "width", "op": "in", "value": []}, "value"),
        ({"field": "width", "op": "in", "value": [1, None]}, "value.1"),
        ({"field": "kind", "op": "eq", "value": "sculpture"}, "value"),
        ({"field": "item", "op": "eq", "value": "7"}, "value"),
        ({"field": "created_at", "op": "gt", "value": "yesterday"}, "value"),
        ({"field": "frame", "op": "exists", "value": 1}, "value"),
        ({"field": "name", "op": "contains", "value": "a\x00"}, "value"),
    ],
)
def test_parse__error_names_the_place(tree: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        filters.parse(tree)

    assert [error.path for error in caught.value.errors] == [path]


def test_parse__all_errors_come_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        filters.parse({"all": [{"field": "x", "op": "eq", "value": 1}, {"not": []}, LEAF]})

    assert [error.path for error in caught.value.errors] == ["all.0.field", "all.1.not"]


def test_parse__says_what_was_expected_and_found() -> None:
    with pytest.raises(InvalidInput) as caught:
        filters.parse({"field": "kind", "op": "eq", "value": "sculpture"})

    (error,) = caught.value.errors
    assert "video" in error.expected
    assert error.found == '"sculpture"'


def test_parse__depth_and_size_are_limited() -> None:
    deep: dict[str, Any] = LEAF
    for _ in range(MAX_DEPTH + 1):
        deep = {"not": deep}
    with pytest.raises(InvalidInput):
        filters.parse(deep)
    with pytest.raises(InvalidInput):
        filters.parse({"all": [LEAF] * (MAX_LEAVES + 1)})


def test_parse__equal_values_take_one_form() -> None:
    upper = "2B0C1E7A-0000-4000-8000-00000000ABCD"

    item = filters.parse({"field": "item", "op": "in", "value": [upper, upper.lower()]})
    width = filters.parse({"field": "width", "op": "eq", "value": "100.0"})

    assert item.to_json()["value"] == [upper.lower()]
    assert width.to_json()["value"] == 100


def test_register_field__prefix_is_taken_once() -> None:
    with pytest.raises(ValueError, match="width"):
        filters.register_field("width", filters.FieldType({}))


def test_parse__equal_moments_have_one_form_and_order() -> None:
    ends = ["2026-01-01T00:00:00+00:00", "2025-12-31T23:30:00-01:00"]

    node = filters.parse({"field": "created_at", "op": "between", "value": ends})

    assert node.to_json()["value"] == ["2026-01-01T00:00:00+00:00", "2026-01-01T00:30:00+00:00"]
    with pytest.raises(InvalidInput):
        filters.parse({"field": "created_at", "op": "between", "value": ends[::-1]})
    with pytest.raises(InvalidInput):
        filters.parse({"field": "created_at", "op": "lt", "value": "0001-01-01T00:00:00+14:00"})


def test_parse__integers_beyond_every_float_are_refused() -> None:
    with pytest.raises(InvalidInput):
        filters.parse({"field": "width", "op": "gt", "value": 10**400})
