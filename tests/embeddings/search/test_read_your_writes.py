"""What was committed before a search is found by it, and nothing else, whatever overlaps.

Two writers, each with a connection of its own, write, delete and move at the same time and end in
either order; files are made and appended in between; and every search is held against numpy over
the table as the same connection sees it.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from embeddings.matrix_files import source
from embeddings.models import Vector, VectorIndex
from embeddings.search import VectorExample, search
from embeddings.search.distance import distances
from embeddings.search.hnsw import HnswEngine, required_index
from embeddings.search.question import ask
from embeddings.services.index_following import bring_up_to_date
from embeddings.services.partitions import ensure_partition
from embeddings.services.vectors import delete_vectors, move_vectors, write_vectors
from folders.choices import Metric
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.connections import Writer, waits_for_a_lock, writers
from tests.embeddings.matrix_files.sets import make_file
from tests.embeddings.search.engines import make_index
from tests.embeddings.worlds import make_key, make_units, put

pytestmark = pytest.mark.django_db(transaction=True)

UNITS = 6
QUERY = [1.0, 0.5]
NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 0.25, 1.0000001])
MOSTLY = st.sampled_from([True, True, True, False])


@dataclass(frozen=True)
class World:
    """Two root folders with units, and a key."""

    actor: Actor
    roots: tuple[Folder, Folder]
    key: MetadataKey
    units: list[int]


@dataclass(frozen=True)
class Change:
    """What one transaction does, to units by their places."""

    kind: str
    places: tuple[int, ...]
    vector: tuple[float, float]
    target: int


@dataclass(frozen=True)
class Round:
    """Two transactions that overlap, and what happens around them.

    `first` begins; the other may have to wait for its end. `builds` are the moments at which a file
    is made, and the number of the root.
    """

    changes: tuple[Change, Change]
    commits: tuple[bool, bool]
    first: int
    second_ends_first: bool
    builds: tuple[tuple[int, int], ...]


changes = st.builds(
    Change,
    kind=st.sampled_from(["write", "write", "delete", "move", "remove unit"]),
    places=st.lists(st.integers(0, 2 * UNITS - 1), min_size=1, max_size=5, unique=True).map(tuple),
    vector=st.tuples(NUMBERS, NUMBERS),
    target=st.integers(0, 1),
)
rounds = st.builds(
    Round,
    changes=st.tuples(changes, changes),
    commits=st.tuples(MOSTLY, MOSTLY),
    first=st.integers(0, 1),
    second_ends_first=st.booleans(),
    builds=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), max_size=4).map(tuple),
)


@pytest.fixture
def new_world(
    birds: Folder, boats: Folder, admin: User, actor_for: Callable[[User], Actor]
) -> Callable[[], World]:
    def make() -> World:
        key = make_key(birds, dimensions=2)
        ensure_partition(key_id=key.pk, dimensions=2)
        units = make_units(birds, UNITS) + make_units(boats, UNITS)
        put(key, {unit: [place + 1, 1] for place, unit in enumerate(units)})
        for root in (birds, boats):
            make_index(root, key)
        return World(actor_for(admin), (birds, boats), key, units)

    return make


def test_search__finds_what_is_committed_whatever_overlaps(new_world: Callable[[], World]) -> None:
    with writers(2) as (one, other):

        @settings(
            max_examples=25,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(plan=st.lists(rounds, min_size=1, max_size=3))
        def check(plan: list[Round]) -> None:
            world = new_world()
            make_file(world.roots[0], world.key)
            for each in plan:
                carry_out(world, each, (one, other))

        check()


def carry_out(world: World, each: Round, both: tuple[Writer, Writer]) -> None:
    """One round; searches at every step."""

    def look(moment: int) -> None:
        for when, number in each.builds:
            if when == moment:
                make_file(world.roots[number], world.key)
                index = VectorIndex.objects.get(
                    vector_set__root=world.roots[number], vector_set__key=world.key
                )
                bring_up_to_date(index, told=lambda done, total: None)
        compare(world)

    for writer in both:
        writer.begin()
    first, second = each.first, 1 - each.first
    start(world, both[first], each.changes[first]).result()
    running = start(world, both[second], each.changes[second])
    waiting = not running.done()
    look(0)
    # Its own changes are seen by a transaction, and by nobody else.
    both[first].do(partial(compare, world))
    if not waiting:
        both[second].do(partial(compare, world))
        if each.second_ends_first:
            first, second = second, first
    look(1)
    finish(both[first], commit=each.commits[first])
    running.result(timeout=20)
    look(2)
    both[second].do(partial(compare, world))
    finish(both[second], commit=each.commits[second])
    look(3)


def start(world: World, writer: Writer, change: Change) -> Future[Any]:
    """Begin a change; it is done, or waits for the other writer."""
    future = writer.start(partial(make, world, change))
    end = monotonic() + 20
    while not future.done() and not waits_for_a_lock():
        assert monotonic() < end, "the change neither ended nor waited"
        sleep(0.002)
    return future


def finish(writer: Writer, *, commit: bool) -> None:
    if commit:
        writer.commit()
    else:
        writer.rollback()


def make(world: World, change: Change) -> None:
    """Carry out a change in the present transaction."""
    units = [world.units[place] for place in change.places]
    there = Unit.objects.filter(pk__in=units)
    if change.kind == "write":
        # Units may be gone by the time that they are locked: then nothing is written at all.
        ids = np.array(sorted(there.values_list("pk", flat=True)), dtype=np.int64)
        values = np.tile(np.array(change.vector, dtype=np.float32), (len(ids), 1))
        try:
            write_vectors(key=world.key, unit_ids=ids, values=values)
        except InvalidInput:
            # The other one removed a unit while this one waited for it.
            connection.rollback()
    elif change.kind == "delete":
        delete_vectors(key=world.key, unit_ids=units)
    elif change.kind == "move":
        source_root, target = world.roots[1 - change.target], world.roots[change.target]
        moving = there.filter(root=source_root)
        found = list(moving.values_list("pk", flat=True))
        moving.update(root=target, folder=target)
        move_vectors(found, source_root.pk, target.pk)
    else:
        Unit.objects.filter(pk=units[0]).delete()


def compare(world: World) -> None:
    """Search both roots and hold the answers against the table."""
    for root in world.roots:
        page = search(
            actor=world.actor,
            root=root,
            key=world.key,
            query=VectorExample(QUERY),
            limit=100,
            engine="scan",
        )
        found = [(hit.distance, hit.unit_id) for hit in page.hits]
        expected = by_numpy(world, root)
        assert found == expected
        if expected:
            assert by_index(world, root, len(expected)) == expected


def by_index(world: World, root: Folder, count: int) -> list[tuple[float, int]]:
    """As many hits as that, by the index that the set has had from the start."""
    question = ask(
        actor=world.actor,
        root=root,
        key=world.key,
        example=VectorExample(QUERY),
        units=None,
        max_distance=None,
    )
    index = required_index(question)
    engine = HnswEngine(few_units=0)
    page = engine.approximate_page(index, question, limit=count)
    assert page is not None
    return [(hit.distance, hit.unit_id) for hit in page]


def by_numpy(world: World, root: Folder) -> list[tuple[float, int]]:
    rows = dict(
        Vector.objects.filter(key=world.key, root=root).values_list("unit_id", "value").all()
    )
    vectors = {unit: np.asarray(value, dtype=np.float32) for unit, value in rows.items()}
    vectors = {unit: value for unit, value in vectors.items() if value.any()}
    if not vectors:
        return []
    query = np.array(QUERY, dtype=np.float32)
    measured = distances(query, np.array(list(vectors.values())), Metric.COSINE)
    return sorted(zip(measured.tolist(), vectors, strict=True))


@pytest.mark.parametrize("commits", [True, False])
def test_build__while_others_write(
    commits: bool, new_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that was open when the build began ends in the middle of it."""
    world = new_world()
    birds = world.units[:UNITS]
    monkeypatch.setattr(source, "_PAGE_BYTES", 2 * 2 * 4)
    pages = source._read_page
    with writers(2) as (before, during):
        before.begin()
        first = Change("write", (0, 5), (-1.0, 0.0), 0)
        before.do(partial(make, world, first))

        def read_and_write(condition: str, dimensions: int) -> source.Vectors | None:
            page = pages(condition, dimensions)
            if page is not None and page.unit_ids[0] == birds[2]:
                finish(before, commit=commits)
                for kind, place in (("delete", 4), ("move", 1), ("remove unit", 3)):
                    during.do(partial(make, world, Change(kind, (place,), (0, 0), 1)))
            return page

        monkeypatch.setattr(source, "_read_page", read_and_write)
        matrix = make_file(world.roots[0], world.key)
        monkeypatch.setattr(source, "_read_page", pages)

    assert matrix.revision == 1
    compare(world)
    make_file(world.roots[0], world.key)
    compare(world)


def test_search__in_a_transaction_that_sees_an_older_state(
    new_world: Callable[[], World],
) -> None:
    """A repeatable read keeps its state, also when others have read on and files have moved on."""
    world = new_world()
    make_file(world.roots[0], world.key)
    with writers(2) as (reader, writer):
        reader.begin()
        reader.do(partial(repeatable_read, world))
        writer.do(partial(make, world, Change("write", (0, 1), (-1.0, 0.0), 0)))
        compare(world)
        reader.do(partial(compare, world))
        reader.rollback()


def repeatable_read(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    compare(world)


def test_lag__of_a_transaction_that_is_rolled_back_is_forgotten(
    new_world: Callable[[], World],
) -> None:
    world = new_world()
    make_file(world.roots[0], world.key)
    with writers(2) as (one, other):
        one.begin()
        one.do(partial(make, world, Change("write", (0, 1), (-1.0, 0.0), 0)))
        one.do(partial(compare, world))
        one.rollback()
        compare(world)
        # The same revision again, with another content.
        other.do(partial(make, world, Change("write", (2,), (0.0, -1.0), 0)))
        compare(world)
        one.do(partial(compare, world))
