"""Conditions on the index of typed values, and whole filters that it answers alone.

A filter that speaks of nothing but indexed keys needs no look at the units: its matches are counted
in the index, which is many times smaller than the units' table and clustered by value.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from folders.choices import KeyType
from folders.filters.nodes import All, Leaf, Node
from folders.metadata.values import parse_datetime
from folders.models import IndexedValue, MetadataKey

if TYPE_CHECKING:
    from folders.filters.compile import FilterContext

INDEXED_TYPES = (KeyType.NUMBER, KeyType.DATETIME, KeyType.BOOLEAN, KeyType.ENUM)
"""Types whose values are in the index."""

INDEXED_OPS = frozenset({"eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "between", "exists"})
"""Operators that it answers; `contains` reads the JSON."""

# Longer words are not in the index; no enum has such values, but a filter may ask for one.
_MAX_WORD_BYTES = 1024

_COLUMNS = {
    KeyType.NUMBER: "number",
    KeyType.DATETIME: "moment",
    KeyType.BOOLEAN: "word",
    KeyType.ENUM: "word",
}
# The columns before that of the value are null: saying so leads the index to it.
_NULL_BEFORE = {
    "number": Q(),
    "moment": Q(number=None),
    "word": Q(number=None, moment=None),
}


def is_indexed(key: MetadataKey) -> bool:
    """Whether the index holds all values of the key."""
    return key.indexed_at is not None and key.type in INDEXED_TYPES


def value_column(key: MetadataKey) -> str:
    """The column of IndexedValue that holds values of the key."""
    return _COLUMNS[KeyType(key.type)]


def rows_of(key: MetadataKey, root_id: Any) -> QuerySet[IndexedValue]:
    """All values of the key in a root folder, those that do not fit its type included."""
    return IndexedValue.objects.filter(key_id=key.pk, root_id=root_id)


def value_rows(key: MetadataKey, root_id: Any) -> QuerySet[IndexedValue]:
    """The values of the key that fit its type."""
    column = value_column(key)
    return rows_of(key, root_id).filter(_NULL_BEFORE[column], **{f"{column}__isnull": False})


def indexed_condition(leaf: Leaf, key: MetadataKey, root_id: Any) -> Q | None:
    """The condition on units that a checked leaf means, by the index; None if it cannot answer."""
    if not _answers(leaf, key):
        return None
    rows = rows_of(key, root_id).filter(unit_id=OuterRef("pk"))
    if leaf.op == "exists":
        return Q(Exists(rows)) if leaf.value else ~Q(Exists(rows))
    return Q(Exists(rows.filter(_condition(leaf, key))))


def indexed_units(
    node: Node | None, context: "FilterContext", *, key: MetadataKey | None = None
) -> QuerySet[IndexedValue] | None:
    """One row of the index for each unit of the root that matches the filter.

    Only for actors who see the whole root: the index knows no folders.

    Args:
        node: leaves on indexed keys, all of which hold; None matches every unit.
        context: of the filter; the leaves have been checked.
        key: rows of this indexed key, for units that have a value under it; else of any key.

    Returns:
        None when the index cannot answer.
    """
    leaves = _leaves(node)
    if leaves is None or (key is None and not leaves):
        return None
    keyed = [(leaf, context.keys.get(leaf.key)) for leaf in leaves]
    known = [(leaf, one) for leaf, one in keyed if one is not None and _answers(leaf, one)]
    if len(known) < len(keyed):
        return None
    driver = key or next((one for leaf, one in known if not _is_absence(leaf)), None)
    if driver is None:
        return None
    rows = value_rows(driver, context.root.pk) if key else rows_of(driver, context.root.pk)
    for leaf, one in known:
        rows = rows.filter(_on_rows(leaf, one, driver, context.root.pk))
    return rows


def _on_rows(leaf: Leaf, key: MetadataKey, driver: MetadataKey, root_id: Any) -> Q:
    """A leaf as a condition on rows of the driving key."""
    if key.pk == driver.pk and leaf.op != "exists":
        return _condition(leaf, key)
    rows = rows_of(key, root_id).filter(unit_id=OuterRef("unit_id"))
    if leaf.op == "exists":
        return Q(Exists(rows)) if leaf.value else ~Q(Exists(rows))
    return Q(Exists(rows.filter(_condition(leaf, key))))


def _leaves(node: Node | None) -> Sequence[Leaf] | None:
    """The leaves of a filter that is a conjunction of them."""
    match node:
        case None:
            return ()
        case Leaf():
            return (node,)
        case All(parts) if all(isinstance(part, Leaf) for part in parts):
            return [part for part in parts if isinstance(part, Leaf)]
    return None


def _is_absence(leaf: Leaf) -> bool:
    return leaf.op == "exists" and not leaf.value


def _answers(leaf: Leaf, key: MetadataKey) -> bool:
    if not is_indexed(key) or leaf.op not in INDEXED_OPS or not leaf.field.startswith("metadata."):
        return False
    wanted = leaf.value if isinstance(leaf.value, list) else [leaf.value]
    return key.type != KeyType.ENUM or not any(
        isinstance(one, str) and len(one.encode()) > _MAX_WORD_BYTES for one in wanted
    )


def _condition(leaf: Leaf, key: MetadataKey) -> Q:
    """A comparison, on rows of the key."""
    column, value = value_column(key), leaf.value
    before = _NULL_BEFORE[column]
    match leaf.op:
        # Values that do not fit the type are there, and are others: they have no column.
        case "ne":
            return Q(**{f"{column}__isnull": True}) | ~Q(**{column: _typed(key, value)})
        case "not_in":
            typed = [_typed(key, one) for one in value]
            return Q(**{f"{column}__isnull": True}) | ~Q(**{f"{column}__in": typed})
        case "in":
            return before & Q(**{f"{column}__in": [_typed(key, one) for one in value]})
        case "between":
            return before & Q(**{f"{column}__range": [_typed(key, one) for one in value]})
        case "eq":
            return before & Q(**{column: _typed(key, value)})
    return before & Q(**{f"{column}__{leaf.op}": _typed(key, value)})


def _typed(key: MetadataKey, value: Any) -> Any:
    """A checked value as its column holds it."""
    match key.type:
        case KeyType.NUMBER:
            return float(value)
        case KeyType.DATETIME:
            return parse_datetime(value)
        case KeyType.BOOLEAN:
            return "true" if value else "false"
    return value
