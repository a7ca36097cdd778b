"""The maps of the SDK: what is read can be saved without changing anything."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from folders.choices import KeyType
from folders.constants import OPEN_EMBEDDING_SIZE
from folders.metadata.schema_map import Wanted, from_legacy, from_v2, to_legacy, to_v2


@dataclass
class Key:
    """A key without a database."""

    name: str
    type: str
    values: list[str] = field(default_factory=list)
    dimensions: int | None = None
    deleted_at: Any = None
    erased: bool = False


@st.composite
def keys(draw: st.DrawFn) -> list[Key]:
    """Schemas of any keys, live, deleted and erased."""
    names = draw(st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=8))
    made = []
    for name in names:
        type_ = draw(st.sampled_from([t.value for t in KeyType]))
        fate = draw(st.sampled_from(["live", "deleted", "erased"]))
        made.append(
            Key(
                name,
                type_,
                values=draw(
                    st.lists(st.text("abcé ", min_size=1), min_size=1, max_size=4, unique=True)
                )
                if type_ == "enum"
                else [],
                dimensions=draw(st.none() | st.integers(1, 4096)) if type_ == "embedding" else None,
                deleted_at=None if fate == "live" else datetime.now(UTC),
                erased=fate == "erased",
            )
        )
    return made


@given(keys())
def test_v2__what_is_read_wants_what_is_there(made: list[Key]) -> None:
    wanted, errors = from_v2(to_v2(made), {key.name: key for key in made})

    assert errors == []
    for key in made:
        one = wanted[key.name]
        assert one.deleted == (key.deleted_at is not None)
        assert one.erased == key.erased
        if not key.erased:
            assert one.type == key.type
            assert sorted(one.values or []) == sorted(key.values)
            assert one.dimensions in (key.dimensions, None)


@given(keys())
def test_legacy__what_is_read_keeps_what_it_cannot_say(made: list[Key]) -> None:
    present = {key.name: key for key in made}
    wanted, errors = from_legacy(to_legacy(made), present)

    assert errors == []
    assert set(wanted) == {key.name for key in made if key.deleted_at is None}
    assert all(wanted[name] == Wanted(KeyType(present[name].type)) for name in wanted)


def test_v2__has_the_form_of_the_sdk() -> None:
    gone = datetime.now(UTC)
    made = [
        Key("emb3", "embedding", dimensions=3),
        Key("n", "number"),
        Key("w", "enum", values=["rain", "fog"]),
        Key("x", "geospatial", deleted_at=gone),
        Key("y", "text", deleted_at=gone, erased=True),
    ]

    assert to_v2(made) == {
        "emb3": {"ty": "embedding", "size": 3, "api": None},
        "n": {"ty": "variant", "hint": "number"},
        "w": {"ty": "enum", "values": ["fog", "rain"]},
        "x": {"ty": "tombstone", "deleted_ty": {"ty": "geospatial"}},
        "y": {"ty": "tombstone", "deleted_ty": None},
    }


def test_v2__open_size_shows_a_number_that_leaves_it_open() -> None:
    key = Key("clip", "embedding")
    shown = to_v2([key])

    assert shown["clip"]["size"] == OPEN_EMBEDDING_SIZE
    assert from_v2(shown, {"clip": key})[0]["clip"].dimensions is None
    shown["clip"]["size"] = 3
    assert from_v2(shown, {"clip": key})[0]["clip"].dimensions == 3
    # Of a new key, the number is meant.
    assert from_v2(to_v2([key]), {})[0]["clip"].dimensions == OPEN_EMBEDDING_SIZE


def test_v2__older_words_are_understood() -> None:
    given = {
        "a": {"ty": "variant", "hint": "string"},
        "b": {"ty": "variant", "hint": "long_string"},
        "c": {"ty": "variant"},
        "d": {"ty": "number", "format": "F32"},
        "e": {"ty": "varchar", "max_length": 12},
    }

    wanted, errors = from_v2(given, {})

    assert errors == []
    assert [str(one.type) for one in wanted.values()] == [
        "varchar",
        "text",
        "text",
        "number",
        "varchar",
    ]


def test_v2__names_all_that_it_cannot_read() -> None:
    given = {
        "a": {"ty": "variant", "hint": "colour"},
        "b": {"ty": "enum", "values": "owl"},
        "c": {"ty": "embedding", "size": "3"},
        "d": {"ty": "embedding", "size": True},
        "e": {"ty": "embedding", "size": 3, "api": {"url": "https://example.org"}},
        "f": {"ty": "sculpture"},
        "g": "number",
        "h": {"ty": "tombstone", "deleted_ty": {"ty": "tombstone", "deleted_ty": None}},
        "i": {"ty": "tombstone", "deleted_ty": {"ty": "variant", "hint": 5}},
    }

    wanted, errors = from_v2(given, {})

    assert wanted == {}
    assert [error.path for error in errors] == [
        *("a.hint", "b.values", "c.size", "d.size", "e.api", "f", "g", "h", "i.deleted_ty.hint"),
    ]
    assert from_v2([], {})[1]
    assert from_legacy("x", {})[1]


def test_legacy__knows_eight_words() -> None:
    made = [Key(type_.value, type_.value) for type_ in KeyType]

    assert to_legacy(made) == {
        "boolean": "boolean",
        "datetime": "datetime",
        "embedding": "embedding",
        "enum": "enum",
        "geospatial": "geospatial",
        "number": "number",
        "text": "long_string",
        "uuid": "string",
        "varchar": "string",
    }


def test_legacy__another_word_is_another_type() -> None:
    key = Key("a", "uuid")

    assert from_legacy({"a": "string"}, {"a": key})[0]["a"].type == KeyType.UUID
    assert from_legacy({"a": "long_string"}, {"a": key})[0]["a"].type == KeyType.TEXT
    assert from_legacy({"a": "colour"}, {"a": key})[1][0].path == "a"
