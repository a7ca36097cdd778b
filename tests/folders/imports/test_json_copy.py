"""One object out of a large one."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from folders.imports.json_copy import take_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def take(data: bytes) -> tuple[Any, Any]:
    """What is copied, and what was found."""
    target = io.BytesIO()
    taken = take_object(io.BytesIO(data), ["wanted", "also"], target)
    text = target.getvalue()
    return json.loads(text) if text else None, taken


@given(
    st.dictionaries(st.text(), VALUES, max_size=4),
    st.dictionaries(st.text(), VALUES, max_size=4),
    st.sampled_from([None, 0, 2]),
)
def test_object__is_copied_as_it_stands(
    rest: dict[str, Any], wanted: dict[str, Any], indent: int | None
) -> None:
    rest = {name: value for name, value in rest.items() if name not in ("wanted", "also")}
    text = json.dumps(rest | {"wanted": wanted}, indent=indent)

    copied, taken = take(text.encode())

    assert copied == wanted
    assert (taken.names, taken.rest) == (["wanted"], rest)
    lists = {name: len(value) for name, value in wanted.items() if isinstance(value, list)}
    assert taken.lists == lists
    assert taken.values == {name: wanted[name] for name in wanted.keys() - lists.keys()}


def test_object__that_is_none_is_among_the_rest() -> None:
    copied, taken = take(b'{"wanted": null, "also": {"a": [1, 2]}, "b": 3}')
    assert (copied, taken.names) == ({"a": [1, 2]}, ["also"])
    assert taken.rest == {"wanted": None, "b": 3}

    copied, taken = take(b'{"wanted": {}, "also": {"c": 1}}')
    assert (copied, taken.names) == ({}, ["wanted", "also"])
    assert take(b"{}")[1].names == []


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"7", b'{"wanted": {"a": [1, ]}}', b'{"wanted": {"a": ', b'{"a": 1} x']
)
def test_object__refuses_what_is_no_json(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        take(data)
