"""Each type takes its values and refuses others, with what was expected and found."""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from folders.choices import KeyType
from folders.constants import MAX_METADATA_BYTES, MAX_VARCHAR_LENGTH
from folders.metadata.parse import MetadataParser
from folders.metadata.values import WrongValue, check_value, check_vector, compact_vectors


@dataclass
class Key:
    """A key without a database."""

    type: str
    name: str = "key"
    values: list[str] = field(default_factory=lambda: ["owl", "tit"])
    dimensions: int | None = None


UUID_TEXT = "0b8f6f0e-3f1c-4a52-9d7e-6c1b2a3d4e5f"


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("number", 0),
        ("number", -1.5),
        ("number", 10**300),
        ("boolean", False),
        ("varchar", ""),
        ("varchar", "x" * MAX_VARCHAR_LENGTH),
        ("text", "x" * (MAX_VARCHAR_LENGTH + 1)),
        ("text", "Ünïcode 𝄞 \n"),
        ("datetime", "2026-01-31"),
        ("datetime", "2026-01-31T12:00:00Z"),
        ("datetime", "2026-01-31 12:00:00.123456+05:30"),
        ("datetime", "20260131T120000Z"),
        ("uuid", UUID_TEXT),
        ("uuid", UUID_TEXT.upper()),
        ("enum", "owl"),
        ("geospatial", {"latitude": 51.5, "longitude": -0.1}),
        ("geospatial", {"lat": 90, "lng": -180, "name": "pole"}),
        ("geospatial", {"lat": 0, "lon": 0.0}),
    ],
)
def test_check_value__takes(type_: str, value: Any) -> None:
    check_value(Key(type_), value)


@pytest.mark.parametrize("type_", [t.value for t in KeyType if t != KeyType.EMBEDDING])
def test_check_value__null_fits_every_type(type_: str) -> None:
    check_value(Key(type_), None)


@pytest.mark.parametrize(
    ("type_", "value", "found"),
    [
        ("number", "5", '"5"'),
        ("number", True, "True"),
        ("number", float("nan"), "nan"),
        ("number", float("inf"), "inf"),
        ("number", 10**400, "1" + "0" * 79),
        ("number", [1], "a list of 1"),
        ("boolean", 1, "1"),
        ("boolean", "true", '"true"'),
        ("varchar", 5, "5"),
        ("varchar", "x" * (MAX_VARCHAR_LENGTH + 1), f"{MAX_VARCHAR_LENGTH + 1} characters"),
        ("text", {}, "an object"),
        ("text", "a\x00b", ""),
        ("text", "half \ud83d", ""),
        ("datetime", "yesterday", '"yesterday"'),
        ("datetime", "2026-W05", '"2026-W05"'),
        ("datetime", "2026-02-30", '"2026-02-30"'),
        ("datetime", 1767225600, "1767225600"),
        ("uuid", UUID_TEXT.replace("-", ""), f'"{UUID_TEXT.replace("-", "")}"'),
        ("uuid", UUID_TEXT[:-1] + "F", f'"{UUID_TEXT[:-1]}F"'),
        ("enum", "Owl", '"Owl"'),
        ("enum", ["owl"], "a list of 1"),
        ("geospatial", "51.5,-0.1", '"51.5,-0.1"'),
        ("geospatial", {"latitude": 91, "longitude": 0}, "91"),
        ("geospatial", {"latitude": 0, "longitude": float("nan")}, "nan"),
        ("geospatial", {"latitude": True, "longitude": 0}, "True"),
        ("geospatial", {"latitude": 5}, "None"),
        ("geospatial", [51.5, -0.1], "a list of 2"),
    ],
)
def test_check_value__refuses_and_says_what_it_found(type_: str, value: Any, found: str) -> None:
    with pytest.raises(WrongValue) as caught:
        check_value(Key(type_), value)

    assert caught.value.expected
    assert caught.value.found == found


@pytest.mark.parametrize(
    "value",
    [[], [1, None], [1, "2"], [1, True], [[1, 2]], [1, float("nan")], [1e39, 1], "[1,2]", {"0": 1}],
)
def test_check_vector__refuses_what_is_none(value: Any) -> None:
    for dimensions in (None, 2):
        with pytest.raises(WrongValue):
            check_vector(Key("embedding", dimensions=dimensions), value)


def test_check_vector__takes_any_length_while_the_size_is_open() -> None:
    check_vector(Key("embedding"), [1, 2.5])
    check_vector(Key("embedding", dimensions=2), [0, 0.0])
    with pytest.raises(WrongValue) as caught:
        check_vector(Key("embedding", dimensions=3), [1, 2.5])

    assert (caught.value.expected, caught.value.found) == ("3 numbers", "2 values")


def test_compact_vectors__makes_arrays_of_vectors_and_leaves_the_rest() -> None:
    wrong = {"text": "[1]", "odd": [1, None], "flag": [1, True], "huge": [1e39], "empty": []}
    given = {"clip": [0.1, 2], "other": [0.1, 2], **wrong}

    compact_vectors(given, ["clip", "missing", *wrong])

    clip = given.pop("clip")
    assert isinstance(clip, np.ndarray)
    assert clip.dtype == np.float32
    assert clip.tolist() == [np.float32(0.1), 2.0]
    assert given == {"other": [0.1, 2], **wrong}
    compact_vectors("no object", ["clip"])


def test_check_vector__takes_arrays_of_the_right_length() -> None:
    check_vector(Key("embedding", dimensions=2), np.ones(2, dtype=np.float32))
    for wrong in (np.ones(3, dtype=np.float32), np.ones(0, dtype=np.float32)):
        with pytest.raises(WrongValue):
            check_vector(Key("embedding", dimensions=2), wrong)


def test_parse__an_array_whose_key_was_just_deleted_becomes_text() -> None:
    parsed = MetadataParser({}).parse({"clip": np.ones(2, dtype=np.float32)}, "x")

    assert parsed.own.values == {"clip": "[1.0, 1.0]"}


def test_parse__names_every_wrong_value_by_its_key() -> None:
    parser = MetadataParser({"score": Key("number", "score"), "label": Key("enum", "label")})

    parser.parse(
        {
            "score": "much",
            "label": "gull",
            "odd": float("nan"),
            "nul": {"a": ["\x00"]},
            "half": "\ud83d",
            "fine": 1,
        },
        "items.7.metadata",
    )

    wrong = {error.path: error for error in parser.errors}
    assert set(wrong) == {f"items.7.metadata.{n}" for n in ("score", "label", "odd", "nul", "half")}
    assert wrong["items.7.metadata.score"].expected == "a number"
    assert wrong["items.7.metadata.label"].expected == "one of owl, tit"


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"note": "a\x00b"}, "value"),
        ({"note": float("nan")}, "value"),
        ({"note": "\ud83d"}, "value"),
        ({"note": "x" * MAX_METADATA_BYTES}, "size"),
    ],
)
def test_parse__the_configuration_of_frames_is_checked_as_values_are(
    config: dict[str, Any], code: str
) -> None:
    parser = MetadataParser({})

    parser.parse({"$encord": {"config": {"sampling_rate": 1, **config}}}, "metadata")

    assert code in {error.code for error in parser.errors}


def test_parse__metadata_of_frames_is_checked_by_frame() -> None:
    parser = MetadataParser({"score": Key("number", "score")})

    parser.parse(
        {"$encord": {"frames": {"0": {"score": 1, "x": float("inf")}, "1": {"score": "a"}}}}, "m"
    )

    assert {error.path for error in parser.errors} == {
        "m.$encord.frames.0.x",
        "m.$encord.frames.1.score",
    }


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda part: st.lists(part, max_size=3),
            max_leaves=5,
        ),
        max_size=4,
    )
)
def test_parse__what_passes_can_be_stored_and_errors_can_be_sent(given: dict[str, Any]) -> None:
    parser = MetadataParser({})

    parsed = parser.parse(given, "m")

    for error in parser.errors:
        json.dumps(error.as_dict(), ensure_ascii=False).encode()
    if not parser.errors:
        text = json.dumps(parsed.own.values, allow_nan=False, ensure_ascii=False).encode()
        assert b"\\u0000" not in text.replace(b"\\\\", b"")
