"""The index of typed values finds what the JSON says: for any metadata, type and operator."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from folders import filters
from folders.choices import KeyType
from folders.filters import FilterContext, indexed_units
from folders.filters.indexed import INDEXED_TYPES
from folders.models import Folder, IndexedValue, MetadataKey, Unit
from folders.services.schema import add_key
from tests.embeddings.worlds import make_units
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]

WORDS = ["owl", "tit", "true", "false", "1", "Ünï", ""]
MOMENTS = [
    "2026-05-01T12:00:00+02:00",
    "2026-05-01T10:00:00Z",
    "2026-05-01 10:00",
    "2026-05-01",
    "20260501",
    "20260501T100000Z",
    "2026-05-01T10:00:00.25",
]
NO_MOMENTS = ["now", "today", "infinity", "2026-13-01", "2026-W18-5", "10000-01-01", "yesterday"]
NUMBERS = [0, 1, -1, 2.5, 1e-9, 10**15, 1.0, 0.1]

values = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(NUMBERS),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.sampled_from(WORDS + MOMENTS + NO_MOMENTS),
    st.just([1, 2]),
    st.just({"a": 1}),
    st.just("long " * 300),
)
documents = st.dictionaries(st.sampled_from([t.value for t in KeyType]), values, max_size=9)

SORTED_OPS = ["gt", "gte", "lt", "lte", "eq", "ne"]
leaves = st.one_of(
    st.tuples(st.just("number"), st.sampled_from(SORTED_OPS), st.sampled_from(NUMBERS)),
    st.tuples(st.just("number"), st.just("between"), st.just([-1, 2.5])),
    st.tuples(
        st.just("number"),
        st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from(NUMBERS), min_size=1),
    ),
    st.tuples(st.just("datetime"), st.sampled_from(SORTED_OPS), st.sampled_from(MOMENTS)),
    st.tuples(st.just("datetime"), st.just("between"), st.just(["2026-05-01", "2026-05-02"])),
    st.tuples(st.just("datetime"), st.just("not_in"), st.just(MOMENTS[:2])),
    st.tuples(st.just("boolean"), st.sampled_from(["eq", "ne"]), st.booleans()),
    st.tuples(st.just("boolean"), st.just("in"), st.just([True, False])),
    st.tuples(
        st.just("enum"), st.sampled_from(["eq", "ne", "contains"]), st.sampled_from(WORDS[:-1])
    ),
    st.tuples(st.just("enum"), st.sampled_from(["in", "not_in"]), st.just(["owl", "1"])),
    st.tuples(st.just("enum"), st.sampled_from(["eq", "ne"]), st.just("long " * 300)),
    st.tuples(st.sampled_from([t.value for t in INDEXED_TYPES]), st.just("exists"), st.booleans()),
)


def leaf_tree(leaf: tuple[str, str, Any]) -> dict[str, Any]:
    name, op, value = leaf
    return {"field": f"metadata.{name}", "op": op, "value": value}


trees = st.recursive(
    leaves.map(leaf_tree),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda found: {"all": found}),
        st.lists(parts, max_size=3).map(lambda found: {"any": found}),
        parts.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)


@pytest.fixture
def schema(birds: Folder, admin: User, actor_for: ActorFor) -> Actor:
    """One key of each type of the index, named after it."""
    actor = actor_for(admin)
    for kind in INDEXED_TYPES:
        options: dict[str, Any] = {"values": ["owl", "tit"]} if kind == KeyType.ENUM else {}
        add_key(actor=actor, name=kind.value, type=kind, **options)
    return actor


@pytest.fixture
def units(birds: Folder) -> list[int]:
    """Twelve units without metadata."""
    return make_units(birds, 12)


def found(actor: Actor, root: Folder, tree: dict[str, Any]) -> set[int]:
    return set(filters.units(actor, root, filters.parse(tree)).values_list("pk", flat=True))


def test_any_filter__finds_the_same_with_and_without_the_index(
    schema: Actor, units: list[int], birds: Folder
) -> None:
    keys = MetadataKey.objects.all()
    run_jobs()

    @given(st.lists(documents, min_size=12, max_size=12), st.lists(trees, min_size=1, max_size=5))
    @hypothesis_settings(max_examples=60)
    def holds(metadata: list[dict[str, Any]], asked: list[dict[str, Any]]) -> None:
        for pk, document in zip(units, metadata, strict=True):
            Unit.objects.filter(pk=pk).update(metadata=document)
        indexed_at = keys.first().indexed_at  # type: ignore[union-attr]
        for tree in asked:
            by_index = found(schema, birds, tree)
            alone = _alone(schema, birds, tree)
            keys.update(indexed_at=None)
            by_json = found(schema, birds, tree)
            keys.update(indexed_at=indexed_at)
            assert by_index == by_json
            assert alone is None or alone == by_json

    holds()


def _alone(actor: Actor, root: Folder, tree: dict[str, Any]) -> set[int] | None:
    """What the index finds without a look at the units; None where it cannot."""
    node = filters.parse(tree)
    rows = indexed_units(node, FilterContext(actor, root))
    return None if rows is None else set(rows.values_list("unit_id", flat=True))


def test_backfill__enters_what_the_triggers_would(
    schema: Actor, units: list[int], birds: Folder
) -> None:
    run_jobs()

    @given(st.lists(documents, min_size=12, max_size=12))
    @hypothesis_settings(max_examples=25)
    def holds(metadata: list[dict[str, Any]]) -> None:
        for pk, document in zip(units, metadata, strict=True):
            Unit.objects.filter(pk=pk).update(metadata=document)
        by_triggers = _rows()
        IndexedValue.objects.all().delete()
        MetadataKey.objects.update(indexed_at=None)
        from folders.services.value_index import request_indexing

        request_indexing(actor=schema)
        run_jobs()
        assert _rows() == by_triggers

    holds()


def _rows() -> set[tuple[Any, ...]]:
    columns = ("unit_id", "key_id", "root_id", "number", "moment", "word")
    return set(IndexedValue.objects.values_list(*columns))


def test_between__of_an_indexed_key_reads_no_json(
    schema: Actor, units: list[int], birds: Folder
) -> None:
    run_jobs()
    leaf = {"field": "metadata.number", "op": "between", "value": [1, 2]}

    sql = str(filters.units(schema, birds, filters.parse(leaf)).query)

    assert "folders_indexedvalue" in sql
    assert "->" not in sql
