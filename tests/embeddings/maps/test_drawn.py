"""Shapes added to and taken from each other."""

from typing import Any

import numpy as np
import pytest

from core.errors import InvalidInput
from embeddings.maps.drawn import MAX_PARTS, parse_parts, selected_by

LINE = np.array([[x, 0] for x in range(6)], dtype=np.float32)


def across(first: float, last: float, mode: str) -> dict[str, Any]:
    return {"mode": mode, "rectangle": [first, -1, last, 1]}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([across(1, 3, "replace")], [1, 2, 3]),
        ([across(1, 2, "replace"), across(4, 5, "add")], [1, 2, 4, 5]),
        ([across(0, 5, "replace"), across(2, 3, "subtract")], [0, 1, 4, 5]),
        ([across(0, 5, "replace"), across(2, 3, "subtract"), across(3, 3, "add")], [0, 1, 3, 4, 5]),
        ([across(0, 5, "add"), across(2, 2, "replace")], [2]),
        ([across(0, 5, "subtract")], []),
        ([{"polygon": [[-1, -1], [3.5, 0], [-1, 1]]}], [0, 1, 2, 3]),
    ],
)
def test_selected__shapes_follow_each_other(
    parts: list[dict[str, Any]], expected: list[int]
) -> None:
    parsed = parse_parts(parts)

    assert np.flatnonzero(selected_by(parsed, LINE)).tolist() == expected
    assert parse_parts([part.to_json() for part in parsed]) == parsed


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ("all", "parts"),
        ([], "parts"),
        ([across(0, 1, "add")] * (MAX_PARTS + 1), "parts"),
        (["all"], "parts.0"),
        ([across(0, 1, "invert")], "parts.0.mode"),
        ([{"circle": 1}], "parts.0.circle"),
        ([across(0, 1, "add"), {"rectangle": [0, 1]}], "parts.1.rectangle"),
    ],
)
def test_parts__are_refused_with_their_place(parts: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_parts(parts)

    assert [error.path for error in refused.value.errors] == [path]
