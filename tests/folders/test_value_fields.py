"""Metadata as fields of a form, and back."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from folders.choices import KeyType
from folders.models import Folder
from folders.services.schema import add_key
from folders.value_fields import editable_fields, read_fields

ActorFor = Callable[[User], Actor]


@pytest.fixture
def actor(admin: User, actor_for: ActorFor) -> Actor:
    """An administrator, with a schema of one key of each type."""
    made = actor_for(admin)
    for kind in KeyType:
        values = ["owl", "robin"] if kind == KeyType.ENUM else None
        dimensions = 3 if kind == KeyType.EMBEDDING else None
        add_key(actor=made, name=f"a-{kind}", type=kind, values=values, dimensions=dimensions)
    return made


STORED: dict[str, Any] = {
    "a-number": 1.5,
    "a-boolean": False,
    "a-varchar": " spaced ",
    "a-datetime": "2026-11-22T10:20:30Z",
    "a-text": "two\nlines",
    "a-uuid": "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "a-enum": "owl",
    "a-geospatial": {"type": "Point", "coordinates": [1, 2]},
    "free": [1, "x", None],
    "free text": "12",
}


def shown(actor: Actor, stored: dict[str, Any]) -> dict[str, str]:
    """What a browser would send back untouched."""
    return {f"value-{field.name}": field.text for field in editable_fields(actor, stored)}


def test_read_fields__untouched_form_changes_nothing(actor: Actor, birds: Folder) -> None:
    for stored in (STORED, {}, {"a-datetime": "2026-11-22"}, {"a-datetime": "20261122"}):
        assert read_fields(editable_fields(actor, stored), shown(actor, stored)) == {}


def test_editable_fields__embeddings_are_no_fields(actor: Actor) -> None:
    fields = {field.name: field for field in editable_fields(actor, STORED)}

    assert "a-embedding" not in fields
    assert (fields["a-enum"].options, fields["a-enum"].text) == (["owl", "robin"], "owl")
    assert (fields["a-datetime"].text, fields["a-datetime"].is_moment) == (
        "2026-11-22T10:20:30",
        True,
    )
    assert fields["free text"].type == "json"
    assert fields["free text"].text == '"12"'


@pytest.mark.parametrize(
    ("name", "sent", "value"),
    [
        ("a-number", "2", 2),
        ("a-number", " 2.5 ", 2.5),
        ("a-boolean", "true", True),
        ("a-datetime", "2026-11-23T00:00", "2026-11-23T00:00Z"),
        ("a-enum", "robin", "robin"),
        ("a-geospatial", "[1, 2]", [1, 2]),
        ("a-text", "a\r\nb", "a\nb"),
        ("a-uuid", " x ", "x"),
        ("free", '{"a": 1}', {"a": 1}),
        ("a-number", "", None),
        ("free", " ", None),
    ],
)
def test_read_fields__reads_each_type(actor: Actor, name: str, sent: str, value: object) -> None:
    given = shown(actor, STORED) | {f"value-{name}": sent}

    assert read_fields(editable_fields(actor, STORED), given) == {name: value}


def test_read_fields__names_what_cannot_be_read(actor: Actor) -> None:
    fields = editable_fields(actor, STORED)
    given = {"value-a-number": "two", "value-a-boolean": "maybe", "value-free": "{"}

    with pytest.raises(InvalidInput) as refusal:
        read_fields(fields, given)

    paths = [wrong.path for wrong in refusal.value.errors]
    assert sorted(paths) == ["metadata.a-boolean", "metadata.a-number", "metadata.free"]
    for field in fields:
        field.take(refusal.value)
    assert {field.name for field in fields if field.error} == {"a-number", "a-boolean", "free"}
    # What was typed stays in the form.
    assert next(field.text for field in fields if field.name == "a-number") == "two"


def test_read_fields__of_many_items_takes_what_is_marked(actor: Actor) -> None:
    given = {
        "value-a-number": "3",
        "do-a-number": "leave",
        "value-a-text": "new",
        "do-a-text": "set",
        "value-a-enum": "owl",
        "do-a-enum": "clear",
        "value-a-varchar": "",
        "do-a-varchar": "set",
    }

    changed = read_fields(editable_fields(actor), given, only_marked=True)

    assert changed == {"a-text": "new", "a-enum": None, "a-varchar": ""}
