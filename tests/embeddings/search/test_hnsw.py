"""Searches by an index: most of what is near, no page short, and whatever was just written."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from embeddings.indexes.half import query_text
from embeddings.indexes.table import table_name
from embeddings.matrix_files import lag
from embeddings.models import VectorIndex
from embeddings.search import ENGINES, SearchPage, VectorExample, choice, nearby, search
from embeddings.search.hnsw import HnswEngine
from embeddings.search.ranking import Order
from embeddings.services.vectors import delete_vectors, write_vectors
from folders.choices import Metric
from folders.models import Folder, MetadataKey, Unit
from tests.embeddings.search.engines import make_index
from tests.embeddings.worlds import make_key, make_units, put

UNITS = 3000
DIMENSIONS = 48
Search = Callable[..., SearchPage]


@pytest.fixture(autouse=True)
def _as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine of the product, which looks at the index here also in sets of this size."""
    engine = HnswEngine(few_units=500)
    monkeypatch.setitem(ENGINES, "hnsw", engine)
    monkeypatch.setattr(choice, "HNSW", engine)


@pytest.fixture
def units(birds: Folder) -> list[int]:
    return make_units(birds, UNITS)


def clustered(count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Vectors in groups."""
    random = np.random.default_rng(5)
    centres = random.normal(size=(30, DIMENSIONS))
    vectors = centres[random.integers(0, 30, count)] + 0.4 * random.normal(size=(count, DIMENSIONS))
    return vectors.astype(np.float32)


VECTORS = clustered(UNITS)


@pytest.fixture
def key(birds: Folder, units: list[int]) -> MetadataKey:
    """A key with an index."""
    return indexed_key(birds, units, Metric.COSINE)


def indexed_key(birds: Folder, units: list[int], metric: Metric) -> MetadataKey:
    key = make_key(birds, dimensions=DIMENSIONS, metric=metric)
    write_vectors(key=key, unit_ids=np.array(units, dtype=np.int64), values=VECTORS)
    make_index(birds, key)
    return key


@pytest.fixture
def find(birds: Folder, editor: User, actor_for: Callable[[User], Actor]) -> Search:
    def ask(key: MetadataKey, vector: Any, **more: Any) -> SearchPage:
        example = VectorExample([float(value) for value in vector])
        asked: dict[str, Any] = {"engine": "hnsw", **more}
        return search(actor=actor_for(editor), root=birds, key=key, query=example, **asked)

    return ask


@pytest.mark.parametrize("metric", list(Metric))
def test_search__finds_what_its_recall_says(
    birds: Folder, units: list[int], find: Search, metric: Metric
) -> None:
    key = indexed_key(birds, units, metric)
    index = VectorIndex.objects.get()
    assert index.recall is not None
    assert index.recall >= 0.99
    queries = VECTORS[::100] + np.float32(0.05)
    found = there = 0
    for query in queries:
        page = find(key, query, limit=50)
        expected = {hit.unit_id for hit in find(key, query, limit=50, engine="postgres").hits}
        assert (page.how, page.engine) == ("approximate", "hnsw")
        assert (page.recall, page.recall_measured_at) == (index.recall, index.measured_at)
        assert page.searched == UNITS
        assert len(page.hits) == 50
        assert page.hits == sorted(page.hits, key=lambda hit: (hit.distance, hit.unit_id))
        found += len(expected & {hit.unit_id for hit in page.hits})
        there += 50
    assert found / there >= 0.98


def test_candidates__come_from_the_index(key: MetadataKey) -> None:
    index = VectorIndex.objects.get()
    text = query_text(VECTORS[0], Metric.COSINE, index.scale)
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN SELECT unit_id FROM {table_name(index)} "  # noqa: S608 - our own table
            f"ORDER BY value <=> '{text}'::halfvec({DIMENSIONS}) LIMIT 150"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert f"{table_name(index)}_graph" in plan


def test_pages__go_on_to_the_last_unit(key: MetadataKey, find: Search) -> None:
    seen: list[tuple[float, int]] = []
    cursor = None
    while True:
        page = find(key, VECTORS[7], limit=700, cursor=cursor)
        seen += [(hit.distance, hit.unit_id) for hit in page.hits]
        cursor = page.next_cursor
        if cursor is None:
            break
        assert len(page.hits) == 700

    # What the index passed over comes behind the ranking that it began.
    assert len(seen) == len(set(seen)) == UNITS
    assert seen[:700] == sorted(seen[:700])


@pytest.mark.parametrize("count", [0, 1, 40, 450])
def test_filter__that_leaves_few_is_answered_exactly(
    key: MetadataKey, units: list[int], find: Search, count: int
) -> None:
    some = Unit.objects.filter(pk__in=units[-count:] if count else [])
    page = find(key, VECTORS[0], units=some, limit=500)

    assert (page.how, page.engine, page.recall) == ("exact", "postgres", None)
    assert len(page.hits) == count
    assert page.hits == find(key, VECTORS[0], units=some, limit=500, engine="postgres").hits


def test_filter__that_leaves_many_loses_no_rows(
    key: MetadataKey, units: list[int], find: Search
) -> None:
    """Also where it leaves what is far away: the index finds little of it."""
    whole = find(key, VECTORS[0], limit=1000, engine="postgres").hits
    far = Unit.objects.exclude(pk__in=[hit.unit_id for hit in whole])
    page = find(key, VECTORS[0], units=far, limit=50)
    expected = find(key, VECTORS[0], units=far, limit=50, engine="postgres").hits

    assert page.how == "approximate"
    assert len(page.hits) == 50
    assert len(set(page.hits) & set(expected)) >= 49
    half = Unit.objects.filter(pk__in=units[::2])
    assert find(key, VECTORS[0], units=half, limit=50).hits[0].unit_id == units[0]


def test_threshold__counts_all_that_lie_within(key: MetadataKey, find: Search) -> None:
    expected = find(key, VECTORS[0], limit=60, engine="postgres").hits
    page = find(key, VECTORS[0], limit=1000, max_distance=expected[-1].distance)

    assert page.hits == expected
    assert page.next_cursor is None


def test_farthest__is_exact(key: MetadataKey, find: Search) -> None:
    page = find(key, VECTORS[0], order=Order.FARTHEST)

    assert (page.how, page.engine) == ("exact", "postgres")
    assert page.hits == find(key, VECTORS[0], order=Order.FARTHEST, engine="postgres").hits


def test_writes__are_found_before_the_index_has_them(
    key: MetadataKey, units: list[int], birds: Folder, find: Search
) -> None:
    near = [hit.unit_id for hit in find(key, VECTORS[0], limit=5).hits]
    assert find(key, VECTORS[0], limit=5).searched == UNITS
    (added,) = make_units(birds, 1)
    put(key, {added: VECTORS[0].tolist(), near[1]: (-VECTORS[0]).tolist()})
    delete_vectors(key=key, unit_ids=[near[2]])
    Unit.objects.filter(pk=near[3]).delete()
    page = find(key, VECTORS[0], limit=50)
    found = [hit.unit_id for hit in page.hits]

    assert (page.how, page.searched) == ("approximate", UNITS - 1)
    assert found[:3] == [near[0], added, near[4]]
    assert not set(near[1:4]) & set(found)
    assert len(found) == 50
    assert page.left_out.no_vector == 1


def test_changes__that_are_too_many_are_answered_exactly(
    key: MetadataKey, units: list[int], find: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lag, "_MAX_CHANGES", 3000)
    monkeypatch.setattr(nearby, "most_changes", lambda dimensions: 9)
    put(key, {unit: VECTORS[0].tolist() for unit in units[-10:]})

    hits = find(key, VECTORS[0], limit=11).hits
    assert [hit.unit_id for hit in hits] == [units[0], *units[-10:]]


def test_index__that_is_dropped_meanwhile_does_without(key: MetadataKey, find: Search) -> None:
    expected = find(key, VECTORS[0], engine="postgres").hits
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {table_name(VectorIndex.objects.get())}")

    assert find(key, VECTORS[0]).hits == expected


def test_engine__without_an_index_is_refused(birds: Folder, units: list[int], find: Search) -> None:
    narrow, wide = make_key(birds, dimensions=2), make_key(birds, dimensions=4096)
    put(narrow, {units[0]: [1, 2]})

    with pytest.raises(InvalidInput) as refusal:
        find(narrow, [1, 2])
    assert refusal.value.errors[0].code == "no_index"
    assert "administrators can build one" in refusal.value.errors[0].message
    with pytest.raises(InvalidInput) as refusal:
        find(wide, [1] * 4096)
    assert "more than 4,000 dimensions" in refusal.value.errors[0].message
