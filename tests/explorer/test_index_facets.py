"""Counts stretch by stretch: ends, single values, foreign words."""

from collections.abc import Callable

import pytest

from accounts.actor import Actor
from accounts.models import User
from explorer import index_facets
from explorer.index_facets import number_counts, word_counts
from folders.choices import KeyType
from folders.models import Folder, MetadataKey, Unit
from folders.services.schema import add_key
from folders.services.value_index import request_indexing
from tests.factories import UnitFactory
from tests.jobs import run_jobs


@pytest.fixture
def admin_actor(admin: User, actor_for: Callable[[User], Actor]) -> Actor:
    return actor_for(admin)


def key_of(actor: Actor, name: str, type_: KeyType, values: list[str] | None = None) -> MetadataKey:
    key = add_key(actor=actor, name=name, type=type_, values=values)
    request_indexing(actor=actor)
    run_jobs()
    key.refresh_from_db()
    return key


def fill(root: Folder, name: str, values: list[object]) -> None:
    for value in values:
        unit = UnitFactory.create(item__folder=root)
        Unit.objects.filter(pk=unit.pk).update(metadata={name: value})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([3.0], (3.0, 3.0, [1, 0, 0, 0])),
        ([3.0, 3.0], (3.0, 3.0, [2, 0, 0, 0])),
        ([0.0, 1.0, 2.0, 3.0, 4.0], (0.0, 4.0, [1, 1, 1, 2])),
        # The span of these is beyond the largest number.
        ([-1.7e308, 0.0, 1.7e308], (-1.7e308, 1.7e308, [1, 0, 1, 1])),
        # Neighbours among the numbers: the edges fall together.
        ([1.0, 1.0000000000000002], (1.0, 1.0000000000000002, None)),
    ],
)
def test_numbers__are_counted_once_each(
    values: list[object],
    expected: tuple[float, float, list[int] | None] | None,
    birds: Folder,
    admin_actor: Actor,
) -> None:
    key = key_of(admin_actor, "score", KeyType.NUMBER)
    fill(birds, "score", [*values, None, "no number"])

    counted = number_counts(key, birds, 4)

    if expected is None or counted is None:
        assert counted is expected
        return
    low, high, counts = counted
    assert (low, high, sum(counts)) == (expected[0], expected[1], len(values))
    assert expected[2] is None or counts == expected[2]


def test_words__come_most_frequent_first(birds: Folder, admin_actor: Actor) -> None:
    key = key_of(admin_actor, "label", KeyType.ENUM, ["a", "b", "c"])
    fill(birds, "label", ["b", "a", "b", "c", "older than the key", None, 3])

    assert list((word_counts(key, birds) or {}).items()) == [
        ("b", 2),
        ("a", 1),
        ("c", 1),
        ("older than the key", 1),
    ]


def test_words__of_nothing(birds: Folder, admin_actor: Actor) -> None:
    assert word_counts(key_of(admin_actor, "tame", KeyType.BOOLEAN), birds) == {}


def test_words__too_many_are_left_to_grouping(
    birds: Folder, admin_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_of(admin_actor, "label", KeyType.ENUM, ["a"])
    fill(birds, "label", ["a", "x", "y"])

    monkeypatch.setattr(index_facets, "MAX_WORDS", 3)
    assert word_counts(key, birds) == {"a": 1, "x": 1, "y": 1}
    monkeypatch.setattr(index_facets, "MAX_WORDS", 2)
    assert word_counts(key, birds) is None
