"""Searches: who may ask what, undefined cases, counts, pages."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotFound
from embeddings.search import LeftOut, SearchPage, UnitExample, VectorExample, search
from embeddings.search.engine import Position
from embeddings.search.question import Question
from embeddings.search.scored import Scored
from embeddings.services.vectors import delete_vectors, write_vectors
from folders.choices import Metric
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.worlds import make_key, make_units, put

ActorFor = Callable[[User], Actor]


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


def ids(page: SearchPage) -> list[int]:
    return [hit.unit_id for hit in page.hits]


def test_search__key_of_another_organisation_is_not_there(
    birds: Folder, key: MetadataKey, editor: User, outsider: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotFound):
        search(actor=actor_for(outsider), root=birds, key=key, query=VectorExample([1, 0]))

    page = search(actor=actor_for(editor), root=birds, key=key, query=VectorExample([1, 0]))
    assert page.hits == []


def test_search__root_of_another_organisation_is_not_there(
    birds: Folder, key: MetadataKey, outsider: User, actor_for: ActorFor
) -> None:
    theirs = make_key(birds, dimensions=2)
    theirs.organisation = actor_for(outsider).organisation
    theirs.save()

    with pytest.raises(NotFound):
        search(actor=actor_for(outsider), root=birds, key=theirs, query=VectorExample([1, 0]))


def test_search__deleted_key_is_not_there(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    key.deleted_at = birds.created_at

    with pytest.raises(NotFound):
        search(actor=actor_for(editor), root=birds, key=key, query=VectorExample([1, 0]))


def test_search__unit_that_the_actor_does_not_see_is_not_there(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    night_viewer: User,
    viewer: User,
    actor_for: ActorFor,
) -> None:
    (hidden,) = make_units(birds, 1)
    put(key, {hidden: [1, 0]})

    with pytest.raises(NotFound):
        search(actor=actor_for(night_viewer), root=birds, key=key, query=UnitExample(hidden))

    page = search(actor=actor_for(viewer), root=birds, key=key, query=UnitExample(hidden))
    assert ids(page) == [hidden]


def test_search__hidden_units_are_neither_found_nor_counted(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    night_viewer: User,
    member: User,
    actor_for: ActorFor,
) -> None:
    above, below = make_units(birds, 3), make_units(night, 2)
    put(key, {above[0]: [1, 0], above[1]: [0, 0], below[0]: [1, 1]})
    query = VectorExample([1, 0])

    nothing = search(actor=actor_for(member), root=birds, key=key, query=query)
    part = search(actor=actor_for(night_viewer), root=birds, key=key, query=query)

    assert (nothing.hits, nothing.searched) == ([], 0)
    assert nothing.left_out == LeftOut(no_vector=0, zero=0)
    assert ids(part) == [below[0]]
    assert (part.searched, part.left_out) == (1, LeftOut(no_vector=1, zero=0))


def test_search__unit_without_a_vector_cannot_be_the_query(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    bare, other = make_units(birds, 2)
    put(key, {other: [1, 0]})

    with pytest.raises(InvalidInput) as refusal:
        search(actor=actor_for(editor), root=birds, key=key, query=UnitExample(bare))

    assert refusal.value.code == "query_unit_without_vector"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([1.0], "wrong_length"),
        ([1.0, 2.0, 3.0], "wrong_length"),
        ([], "wrong_length"),
        ([1.0, float("nan")], "not_finite"),
        ([1e39, 0.0], "not_finite"),
        ([True, 0.0], "not_a_number"),
        (["1", 0.0], "not_a_number"),
    ],
)
def test_search__vector_that_does_not_fit_is_refused(
    values: list[float],
    code: str,
    birds: Folder,
    key: MetadataKey,
    editor: User,
    actor_for: ActorFor,
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        search(actor=actor_for(editor), root=birds, key=key, query=VectorExample(values))

    (error,) = refusal.value.errors
    assert error.code == code
    assert error.path.startswith("vector")


def test_search__zero_query_has_no_cosine_but_other_distances(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    straight = make_key(birds, dimensions=2, metric=Metric.L2)
    near, far, zero = make_units(birds, 3)
    put(straight, {near: [1, 0], far: [3, 4], zero: [0, 0]})
    query = VectorExample([0, 0])

    with pytest.raises(InvalidInput) as refusal:
        search(actor=actor_for(editor), root=birds, key=key, query=query)
    page = search(actor=actor_for(editor), root=birds, key=straight, query=query)

    assert refusal.value.code == "zero_query"
    assert [(hit.unit_id, hit.distance) for hit in page.hits] == [(zero, 0), (near, 1), (far, 5)]
    assert page.left_out.zero == 0


def test_search__zero_vectors_are_left_out_under_cosine_and_counted(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    first, zero, _bare = make_units(birds, 3)
    put(key, {first: [1, 0], zero: [0, 0]})

    page = search(actor=actor_for(editor), root=birds, key=key, query=UnitExample(first))

    assert ids(page) == [first]
    assert (page.how, page.searched) == ("exact", 1)
    assert page.left_out == LeftOut(no_vector=1, zero=1)
    assert page.milliseconds > 0


def test_search__empty_root_and_key_without_a_size_answer_with_nothing(
    boats: Folder, admin: User, actor_for: ActorFor
) -> None:
    unsized = make_key(boats, dimensions=None)

    page = search(actor=actor_for(admin), root=boats, key=unsized, query=VectorExample([1, 2, 3]))

    assert (page.hits, page.next_cursor, page.searched) == ([], None, 0)


def test_search__other_roots_of_the_key_are_not_searched(
    birds: Folder, boats: Folder, key: MetadataKey, admin: User, actor_for: ActorFor
) -> None:
    (bird,), (boat,) = make_units(birds, 1), make_units(boats, 1)
    put(key, {bird: [1, 0], boat: [1, 0]})

    page = search(actor=actor_for(admin), root=birds, key=key, query=UnitExample(boat))

    assert ids(page) == [bird]


def test_search__filter_that_nothing_matches(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    (unit,) = make_units(birds, 1)
    put(key, {unit: [1, 0]})
    arguments: dict[str, Any] = {
        "actor": actor_for(editor),
        "root": birds,
        "key": key,
        "query": UnitExample(unit),
    }

    assert search(**arguments, units=Unit.objects.none()).searched == 0
    assert search(**arguments, units=Unit.objects.filter(item__name="100 %")).hits == []
    assert ids(search(**arguments, units=Unit.objects.filter(item__name__contains="0"))) == [unit]


def test_search__threshold_includes_its_own_distance(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 3)
    put(key, {units[0]: [1, 0], units[1]: [1, 0.1], units[2]: [1, 0.2]})
    arguments: dict[str, Any] = {
        "actor": actor_for(editor),
        "root": birds,
        "key": key,
        "query": UnitExample(units[0]),
    }
    edge = search(**arguments).hits[1].distance

    assert ids(search(**arguments, max_distance=edge)) == units[:2]
    assert ids(search(**arguments, max_distance=np.nextafter(edge, 0))) == units[:1]
    assert ids(search(**arguments, max_distance=0)) == units[:1]


@pytest.mark.parametrize("changed", ["query", "key", "units", "max_distance"])
def test_search__cursor_belongs_to_its_search(
    changed: str, birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 3)
    other = make_key(birds, dimensions=2)
    for each in (key, other):
        put(each, {unit: [1, place] for place, unit in enumerate(units)})
    asked: dict[str, Any] = {
        "actor": actor_for(editor),
        "root": birds,
        "key": key,
        "query": UnitExample(units[0]),
        "limit": 1,
        "max_distance": 1.5,
        "units": Unit.objects.filter(kind="image"),
    }
    cursor = search(**asked).next_cursor
    another: dict[str, Any] = {
        "query": UnitExample(units[1]),
        "key": other,
        "units": Unit.objects.filter(kind="video"),
        "max_distance": 1.0,
    }

    with pytest.raises(InvalidInput) as refusal:
        search(**{**asked, changed: another[changed]}, cursor=cursor)

    assert refusal.value.code == "stale_cursor"
    assert ids(search(**asked, cursor=cursor)) == [units[1]]


def test_search__forged_cursor_is_refused(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 2)
    put(key, {unit: [1, 0] for unit in units})
    asked: dict[str, Any] = {
        "actor": actor_for(editor),
        "root": birds,
        "key": key,
        "query": UnitExample(units[0]),
    }
    cursor = search(**asked, limit=1).next_cursor
    assert cursor is not None

    for forged in ("", "x", cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), "é"):
        if forged:
            with pytest.raises(InvalidInput) as refusal:
                search(**asked, cursor=forged)
            assert refusal.value.code == "bad_cursor"


def test_search__pages_go_on_after_a_deletion_without_gap_or_repeat(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 9)
    put(key, {unit: [1, place] for place, unit in enumerate(units)})
    asked: dict[str, Any] = {
        "actor": actor_for(editor),
        "root": birds,
        "key": key,
        "query": VectorExample([1, 0]),
        "limit": 3,
    }
    first = search(**asked)

    # The last hit given out and the next one due both go.
    delete_vectors(key=key, unit_ids=[units[2], units[3]])
    second = search(**asked, cursor=first.next_cursor)
    third = search(**asked, cursor=second.next_cursor)

    assert ids(first) + ids(second) + ids(third) == units[:3] + units[4:]
    assert second.searched == first.searched == 9
    assert third.next_cursor is None


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_search__page_size_has_limits(
    limit: int, birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    with pytest.raises(InvalidInput):
        search(
            actor=actor_for(editor),
            root=birds,
            key=key,
            query=VectorExample([1, 0]),
            limit=limit,
        )


def test_search__unknown_engine_is_named(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        search(
            actor=actor_for(editor),
            root=birds,
            key=key,
            query=VectorExample([1, 0]),
            engine="magic",
        )

    assert refusal.value.errors[0].found == "magic"


def test_search__ten_thousand_ties_page_in_order_and_send_one_vector(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 10_000)
    tied = make_key(birds, dimensions=128)
    one = np.linspace(0.1, 1.0, 128, dtype=np.float32)
    write_vectors(key=tied, unit_ids=np.array(units), values=np.tile(one, (10_000, 1)))
    asked: dict[str, Any] = {
        "actor": actor_for(editor),
        "root": birds,
        "key": tied,
        "query": VectorExample(one.tolist()),
        "limit": 1000,
    }

    found: list[int] = []
    cursor: str | None = None
    for _ in range(10):
        page = search(**asked, cursor=cursor)
        found += ids(page)
        cursor = page.next_cursor

    assert found == units
    assert cursor is None


def test_search__looks_at_its_own_partition_without_offset(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    units = make_units(birds, 2)
    put(key, {unit: [1, 0] for unit in units})
    put(make_key(birds, dimensions=2), {units[0]: [1, 0]})
    query = np.array([1, 0], dtype=np.float32)
    scored = Scored(Question(key.pk, birds.pk, Metric.COSINE, query, None, None))

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + scored.candidates(Position(0.0, 0), 50))
        plan = "\n".join(line for (line,) in cursor.fetchall())

    partitions = {word for word in plan.split() if word.startswith("embeddings_vector_")}
    assert {name for name in partitions if name.count("_") == 2} == {f"embeddings_vector_{key.pk}"}


def test_search__asks_the_same_number_of_questions_whatever_the_size(
    birds: Folder, key: MetadataKey, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    units = make_units(birds, 30)
    put(key, {unit: [1, place] for place, unit in enumerate(units)})

    def count(limit: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            search(actor=actor, root=birds, key=key, query=UnitExample(units[0]), limit=limit)
        return len(queries)

    count(1)
    assert count(1) == count(30) <= 8
