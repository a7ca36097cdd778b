"""What filters find."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from folders import filters
from folders.choices import ItemKind, KeyType, UnitKind
from folders.models import Folder, Item, Unit
from folders.services.schema import add_key
from tests.factories import UnitFactory

ActorFor = Callable[[User], Actor]
Find = Callable[[dict[str, Any]], set[str]]


@pytest.fixture
def find(birds: Folder, night: Folder, boats: Folder, admin: User, actor_for: ActorFor) -> Find:
    """Finds names of units in Birds; "clip" also has the frames 0 and 10."""
    actor = actor_for(admin)
    add_key(actor=actor, name="label", type=KeyType.ENUM, values=["owl", "tit"])
    add_key(actor=actor, name="score", type=KeyType.NUMBER)
    add_key(actor=actor, name="note", type=KeyType.TEXT)
    add_key(actor=actor, name="seen", type=KeyType.DATETIME)
    add_key(actor=actor, name="tame", type=KeyType.BOOLEAN)
    add_key(actor=actor, name="ring", type=KeyType.UUID)
    add_key(actor=actor, name="7", type=KeyType.NUMBER)
    add_key(actor=actor, name="vec", type=KeyType.EMBEDDING, dimensions=2)

    def unit(name: str, folder: Folder, metadata: dict[str, Any], **columns: Any) -> Item:
        made = UnitFactory.create(
            item__folder=folder,
            item__name=name,
            item__client_metadata=metadata,
            **{f"item__{column}": value for column, value in columns.items()},
        )
        return made.item

    ring = "2B0C1E7A-0000-4000-8000-00000000ABCD"
    unit("a", birds, {"label": "owl", "score": 1, "note": "100 % Owl", "ring": ring}, width=100)
    unit("b", birds, {"label": "tit", "score": 2.5, "seen": "2026-05-01T12:00:00+02:00"}, width=200)
    unit("c", night, {"label": None, "score": "much", "tame": True, "7": 7}, width=300)
    unit("d", night, {}, width=None, height=None)
    unit("elsewhere", boats, {"label": "owl"})
    clip = unit("clip", night, {}, kind=ItemKind.VIDEO, duration=3.0, width=None)
    Unit.objects.filter(item=clip).update(kind=UnitKind.VIDEO)
    for frame in (0, 10):
        UnitFactory.create(item=clip, frame=frame, kind=UnitKind.FRAME, metadata={"score": frame})

    def search(tree: dict[str, Any]) -> set[str]:
        found = filters.units(actor, birds, filters.parse(tree)).select_related("item")
        frames = ("" if unit.frame is None else f"@{unit.frame}" for unit in found)
        return {f"{u.item.name}{frame}" for u, frame in zip(found, frames, strict=True)}

    return search


ALL = {"a", "b", "c", "d", "clip", "clip@0", "clip@10"}


@pytest.mark.parametrize(
    ("field", "op", "value", "names"),
    [
        ("kind", "eq", "frame", {"clip@0", "clip@10"}),
        ("kind", "in", ["video", "frame"], {"clip", "clip@0", "clip@10"}),
        ("kind", "ne", "frame", {"a", "b", "c", "d", "clip"}),
        ("name", "eq", "a", {"a"}),
        ("name", "contains", "LI", {"clip", "clip@0", "clip@10"}),
        ("name", "not_in", ["a", "clip"], {"b", "c", "d"}),
        ("width", "gte", 200, {"b", "c"}),
        ("width", "gt", 199.5, {"b", "c"}),
        ("width", "lt", 100.5, {"a"}),
        ("width", "lte", 99.5, set()),
        ("width", "eq", 100.5, set()),
        ("width", "in", [100, 100.5, 300], {"a", "c"}),
        ("width", "between", [99.5, 200], {"a", "b"}),
        ("width", "gt", -0.5, {"a", "b", "c"}),
        ("width", "gt", 1e15, set()),
        ("width", "ne", 100, {"b", "c"}),
        ("width", "exists", False, {"d", "clip", "clip@0", "clip@10"}),
        ("area", "eq", 2400, {"a"}),
        ("area", "ne", 2400, {"b", "c"}),
        ("area", "between", [2400, 4800], {"a", "b"}),
        ("area", "exists", False, {"d", "clip", "clip@0", "clip@10"}),
        ("aspect_ratio", "lt", 8.5, {"a", "b"}),
        ("aspect_ratio", "gte", 12.5, {"c"}),
        ("aspect_ratio", "in", [12.5, 3], {"c"}),
        ("aspect_ratio", "not_in", [12.5], {"a", "b"}),
        ("duration", "gte", 2.5, {"clip", "clip@0", "clip@10"}),
        ("frame", "gte", 5, {"clip@10"}),
        ("frame", "exists", True, {"clip@0", "clip@10"}),
        ("state", "eq", "ready", ALL),
        ("created_at", "gt", "2000-01-01", ALL),
        ("metadata.label", "eq", "owl", {"a"}),
        ("metadata.label", "ne", "owl", {"b"}),
        ("metadata.label", "in", ["owl", "tit"], {"a", "b"}),
        ("metadata.label", "exists", True, {"a", "b"}),
        ("metadata.label", "exists", False, ALL - {"a", "b"}),
        ("metadata.score", "eq", 1.0, {"a"}),
        ("metadata.score", "gte", 2, {"b", "clip@10"}),
        ("metadata.score", "between", [0, 1], {"a", "clip@0"}),
        ("metadata.score", "not_in", [1, 2.5], {"c", "clip@0", "clip@10"}),
        ("metadata.note", "contains", "% owl", {"a"}),
        ("metadata.note", "contains", "1_0", set()),
        ("metadata.seen", "eq", "2026-05-01T10:00:00Z", {"b"}),
        ("metadata.seen", "lt", "2026-05-01T10:00:01Z", {"b"}),
        ("metadata.seen", "gt", "2026-05-01T11:00:00Z", set()),
        ("metadata.tame", "eq", True, {"c"}),
        ("metadata.ring", "eq", "2b0c1e7a-0000-4000-8000-00000000abcd", {"a"}),
        ("metadata.7", "eq", 7, {"c"}),
        ("metadata.7", "gte", 7, {"c"}),
    ],
)
def test_units__one_condition(find: Find, field: str, op: str, value: Any, names: set[str]) -> None:
    tree = {"field": field, "op": op, "value": value}

    assert find(tree) == names
    assert find({"not": tree}) == ALL - names
    assert find({"not": {"not": tree}}) == names


def test_units__many_values_are_one_comparison(find: Find) -> None:
    scores = [*range(1000, 1400), 2.5]
    notes = [*map(str, range(400)), "100 % Owl"]

    assert find({"field": "metadata.score", "op": "in", "value": scores}) == {"b"}
    assert find({"field": "metadata.note", "op": "in", "value": notes}) == {"a"}


def test_units__groups(find: Find) -> None:
    owl = {"field": "metadata.label", "op": "eq", "value": "owl"}
    wide = {"field": "width", "op": "gte", "value": 200}

    assert find({"all": []}) == ALL
    assert find({"any": []}) == set()
    assert find({"not": {"any": []}}) == ALL
    assert find({"any": [owl, {"all": []}]}) == ALL
    assert find({"all": [owl, wide]}) == set()
    assert find({"any": [owl, wide]}) == {"a", "b", "c"}
    assert find({"all": [{"not": owl}, wide]}) == {"b", "c"}


def test_units__folder_takes_its_subfolders(find: Find, birds: Folder, night: Folder) -> None:
    below = {"c", "d", "clip", "clip@0", "clip@10"}

    assert find({"field": "folder", "op": "eq", "value": str(birds.pk)}) == ALL
    assert find({"field": "folder", "op": "in", "value": [str(night.pk)]}) == below
    assert find({"field": "folder", "op": "ne", "value": str(night.pk)}) == {"a", "b"}


def test_units__are_cut_by_what_the_actor_sees(
    find: Find, birds: Folder, night_viewer: User, outsider: User, actor_for: ActorFor
) -> None:
    everything = filters.parse({"all": []})

    assert not filters.units(actor_for(outsider), birds, everything).exists()
    seen = filters.units(actor_for(night_viewer), birds, everything)
    assert set(seen.values_list("item__name", flat=True)) == {"c", "d", "clip"}


def test_compile__folder_that_is_hidden_is_an_error(
    find: Find, birds: Folder, boats: Folder, night_viewer: User, actor_for: ActorFor
) -> None:
    for folder in (birds, boats):
        node = filters.parse({"field": "folder", "op": "in", "value": [str(folder.pk)]})
        with pytest.raises(InvalidInput) as caught:
            filters.units(actor_for(night_viewer), birds, node)
        assert caught.value.errors[0].path == "value.0"


@pytest.mark.parametrize(
    ("leaf", "path"),
    [
        ({"field": "metadata.colour", "op": "eq", "value": "red"}, "field"),
        ({"field": "metadata.vec", "op": "exists", "value": True}, "field"),
        ({"field": "metadata.score", "op": "contains", "value": "1"}, "op"),
        ({"field": "metadata.score", "op": "gte", "value": "many"}, "value"),
        ({"field": "metadata.tame", "op": "eq", "value": "yes"}, "value"),
        ({"field": "metadata.seen", "op": "lt", "value": "soon"}, "value"),
    ],
)
def test_compile__error_names_the_place(find: Find, leaf: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        find({"all": [{"field": "width", "op": "gt", "value": 1}, {"not": leaf}]})

    assert [error.path for error in caught.value.errors] == [f"all.1.not.{path}"]


def test_compile__stored_moments_that_are_none_are_passed_over(find: Find, birds: Folder) -> None:
    UnitFactory.create(item__folder=birds, item__client_metadata={"seen": "long ago"})
    later = datetime.datetime(3000, 1, 1, tzinfo=datetime.UTC).isoformat()

    assert find({"field": "metadata.seen", "op": "lt", "value": later}) == {"b"}


def test_unit__names_units_by_their_ids(find: Find) -> None:
    a, b = (Unit.objects.get(item__name=name).pk for name in "ab")

    assert find({"field": "unit", "op": "in", "value": [a, str(b)]}) == {"a", "b"}
    assert find({"field": "unit", "op": "not_in", "value": [a]}) == ALL - {"a"}
    assert find({"not": {"field": "unit", "op": "eq", "value": a}}) == ALL - {"a"}
    for wrong in ("x", 0, -1, 1.5, True, 2**63):
        with pytest.raises(InvalidInput):
            find({"field": "unit", "op": "in", "value": [wrong]})
