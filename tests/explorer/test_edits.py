"""What the rail's forms ask for, and what its controls show afterwards."""

from typing import Any

import pytest
from django.http import QueryDict

from core.errors import InvalidInput
from explorer.controls import Control, ControlKind, Option, Section
from explorer.edits import apply_edits, has_edits
from explorer.readings import Reading, read
from explorer.state import ExplorerState
from folders.choices import KeyType
from folders.models import MetadataKey


def control(field: str, kind: ControlKind, type_: KeyType | None = None) -> Control:
    key = MetadataKey(name=field, type=type_) if type_ else None
    return Control(field, field, kind, Section.METADATA, (Option("x", "X"),), key)


LABEL = control("metadata.label", ControlKind.CHECKS, KeyType.ENUM)
SEEN = control("metadata.seen", ControlKind.CHECKS, KeyType.BOOLEAN)
INK = control("metadata.ink", ControlKind.RANGE, KeyType.NUMBER)
TAKEN = control("metadata.taken", ControlKind.DATES, KeyType.DATETIME)
NAME = control("name", ControlKind.TEXT)
UUID = control("metadata.id", ControlKind.EXACT, KeyType.UUID)
CLIP = control("metadata.clip", ControlKind.HAS, KeyType.EMBEDDING)
CONTROLS = [LABEL, SEEN, INK, TAKEN, NAME, UUID, CLIP]

CASES = [
    (LABEL, "is:metadata.label=a&is:metadata.label=b", ("in", ["a", "b"])),
    (LABEL, "", None),
    (SEEN, "is:metadata.seen=true", ("in", [True])),
    (SEEN, "is:metadata.seen=false&is:metadata.seen=true", ("in", [False, True])),
    (INK, "min:metadata.ink=0.5", ("gte", 0.5)),
    (INK, "max:metadata.ink=2", ("lte", 2.0)),
    (INK, "min:metadata.ink=3&max:metadata.ink=2", ("between", [2.0, 3.0])),
    (INK, "min:metadata.ink=&max:metadata.ink=", None),
    (INK, "bounds:metadata.ink=0 9&min:metadata.ink=0&max:metadata.ink=9", None),
    (INK, "bounds:metadata.ink=0 9&min:metadata.ink=0&max:metadata.ink=8", ("lte", 8.0)),
    (TAKEN, "min:metadata.taken=2026-03-01", ("gte", "2026-03-01")),
    (
        TAKEN,
        "min:metadata.taken=2026-03-01&max:metadata.taken=2026-03-02",
        ("between", ["2026-03-01", "2026-03-02T23:59:59.999999+00:00"]),
    ),
    (NAME, "like:name=+owl+", ("contains", "owl")),
    (NAME, "like:name=", None),
    (UUID, "like:metadata.id=1234", ("eq", "1234")),
    (CLIP, "has:metadata.clip=true", ("exists", True)),
    (CLIP, "has:metadata.clip=false", ("exists", False)),
    (CLIP, "has:metadata.clip=", None),
]


@pytest.mark.parametrize(("edited", "query", "expected"), CASES)
def test_edit__becomes_a_leaf(
    edited: Control, query: str, expected: tuple[str, Any] | None
) -> None:
    state = ExplorerState(order="name")

    after = apply_edits(state, QueryDict(f"rail={edited.field}&{query}"), CONTROLS)

    leaf = expected and {"field": edited.field, "op": expected[0], "value": expected[1]}
    assert after.filter == ({"all": [leaf]} if leaf else None)
    assert after.order == "name"


@pytest.mark.parametrize(("edited", "query", "expected"), CASES)
def test_control__shows_what_was_asked_for(
    edited: Control, query: str, expected: tuple[str, Any] | None
) -> None:
    after = apply_edits(ExplorerState(), QueryDict(f"rail={edited.field}&{query}"), CONTROLS)

    assert read(edited, after.filter).is_set == (expected is not None)


def test_control__shows_values_as_forms_send_them() -> None:
    query = QueryDict(
        "rail=metadata.seen&is:metadata.seen=true&rail=metadata.taken&max:metadata.taken=2026-03-02"
        "&rail=metadata.ink&min:metadata.ink=0.25"
    )

    tree = apply_edits(ExplorerState(), query, CONTROLS).filter

    assert read(SEEN, tree) == Reading(values=frozenset({"true"}))
    assert read(TAKEN, tree) == Reading(high="2026-03-02")
    assert read(INK, tree) == Reading(low=0.25)


def test_edit__leaves_other_conditions_alone() -> None:
    group = {"any": [{"field": "name", "op": "contains", "value": "owl"}]}
    state = ExplorerState(
        filter={"all": [{"field": "metadata.label", "op": "in", "value": ["a"]}, group]}
    )

    after = apply_edits(state, QueryDict("rail=metadata.label&rail=nonsense"), CONTROLS)

    assert after.filter == {"all": [group]}


def test_part__is_added_once() -> None:
    part = '{"field": "name", "op": "contains", "value": "owl"}'
    query = QueryDict(mutable=True)
    query.setlist("part", [part, part])

    after = apply_edits(ExplorerState(), query, [])

    assert after.filter == {"all": [{"field": "name", "op": "contains", "value": "owl"}]}


@pytest.mark.parametrize(
    "query",
    [
        "part=nonsense",
        "part=[1]",
        'part={"field":"nonsense","op":"eq","value":1}',
        "rail=metadata.ink&min:metadata.ink=much",
        "rail=metadata.ink&min:metadata.ink=nan",
    ],
)
def test_edit__refuses_what_it_cannot_read(query: str) -> None:
    with pytest.raises(InvalidInput):
        apply_edits(ExplorerState(), QueryDict(query), CONTROLS)


def test_has_edits__only_of_forms() -> None:
    assert has_edits(QueryDict("rail=name"))
    assert has_edits(QueryDict("part={}"))
    assert not has_edits(QueryDict("order=name"))
