"""Reading vectors from JSON."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.values import as_json, check_finite, read_vector, read_vectors
from folders.metadata.values import WrongValue, check_vector

LARGEST = 3.4028234663852886e38


@pytest.mark.parametrize(
    ("values", "path", "code", "found"),
    [
        (None, "v", "not_a_vector", "null"),
        ("1,2,3", "v", "not_a_vector", "the text “1,2,3”"),
        ({"0": 1}, "v", "not_a_vector", "an object"),
        (1.5, "v", "not_a_vector", "1.5"),
        ([], "v", "wrong_length", "an empty list"),
        ([1, 2], "v", "wrong_length", "2 numbers"),
        ([1, 2, 3, 4], "v", "wrong_length", "4 numbers"),
        ([1, None, 3], "v.1", "not_a_number", "null"),
        ([1, "2", 3], "v.1", "not_a_number", "the text “2”"),
        ([1, 2, True], "v.2", "not_a_number", "true"),
        ([[1, 2, 3]], "v.0", "not_a_number", "a list"),
        ([1, {}, 3], "v.1", "not_a_number", "an object"),
        ([float("nan"), 2, 3], "v.0", "not_finite", "NaN"),
        ([1, float("inf"), 3], "v.1", "not_finite", "infinity"),
        ([1, 2, float("-inf")], "v.2", "not_finite", "-infinity"),
        ([1, 1e39, 3], "v.1", "not_finite", "1e+39"),
        ([1, -3.5e38, 3], "v.1", "not_finite", "-3.5e+38"),
        ([10**400, 2, 3], "v.0", "not_finite", "an integer of more than 40 digits"),
    ],
)
def test_read_vector__names_what_is_wrong(values: Any, path: str, code: str, found: str) -> None:
    vector, error = read_vector(values, dimensions=3, path="v")

    assert vector is None
    assert error is not None
    assert (error.path, error.code, error.found) == (path, code, found)
    assert error.expected


def test_read_vector__without_a_size_takes_1_to_4096() -> None:
    assert read_vector([0.0], dimensions=None, path="v")[1] is None
    assert read_vector([0.0] * 4096, dimensions=None, path="v")[1] is None
    _, error = read_vector([0.0] * 4097, dimensions=None, path="v")
    assert error is not None
    assert error.expected == "1 to 4096 numbers"


def test_read_vector__rounds_once_to_the_nearest_float32() -> None:
    vector, error = read_vector([0.1, 16777217, LARGEST, -LARGEST, 1e-60], dimensions=5, path="v")

    assert error is None
    assert vector is not None
    assert vector.tolist() == [float(np.float32(0.1)), 16777216.0, LARGEST, -LARGEST, 0.0]


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_read_vector__float32_comes_back_bit_for_bit(values: list[float]) -> None:
    sent = np.array(values, dtype=np.float32)

    vector, error = read_vector(json.loads(json.dumps(values)), dimensions=None, path="v")
    assert error is None
    assert vector is not None
    again, _ = read_vector(json.loads(json.dumps(as_json(vector))), dimensions=None, path="v")

    assert again is not None
    assert vector.tobytes() == again.tobytes() == sent.tobytes()


def test_read_vectors__collects_all_errors_and_keeps_the_good_rows() -> None:
    rows = [[1, 2], [1], "x", [3, 4], [5, None]]
    matrix, errors = read_vectors(rows, dimensions=None, paths=["a", "b", "c", "d", "e"])

    assert matrix.tolist() == [[1, 2], [3, 4]]
    assert [error.path for error in errors] == ["b", "c", "e.1"]


def test_check_finite__names_rows_up_to_the_limit() -> None:
    matrix = np.zeros((5, 3), dtype=np.float32)
    matrix[1, 2] = np.nan
    matrix[3, 0] = np.inf
    matrix[4, 0] = np.inf

    errors = check_finite(matrix, path_of=lambda row: f"rows.{row}", limit=2)

    assert [error.path for error in errors] == ["rows.1.2", "rows.3.0"]


def test_metadata__takes_the_same_numbers_as_every_other_way() -> None:
    """The shortest decimal form of the largest float32 lies above it, and means it."""
    largest = np.finfo(np.float32).max
    key = SimpleNamespace(name="clip", type="embedding", values=[], dimensions=None)
    beyond = float(largest) + 2.0**103

    check_vector(key, [float(str(largest)), 1e-45, -0.0, float(largest)])
    for wrong in ([beyond], [1e39], [float("nan")], [float("inf")], [10**400]):
        with pytest.raises(WrongValue):
            check_vector(key, wrong)
        assert read_vector(wrong, dimensions=None, path="v")[1] is not None
    assert read_vector([float(str(largest))], dimensions=None, path="v")[1] is None
    odd_values: list[Any] = [None, "1", {}, [], [None], [True], ["1"], [[1.0]], [{}], 1.0]
    for odd in odd_values:
        with pytest.raises(WrongValue):
            check_vector(key, odd)
        assert read_vector(odd, dimensions=None, path="v")[1] is not None
