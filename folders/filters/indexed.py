"""Conditions on the index of typed values."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from folders.choices import KeyType
from folders.filters.nodes import Leaf
from folders.metadata.values import parse_datetime
from folders.models import IndexedValue, MetadataKey

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
    if not answers(leaf, key):
        return None
    rows = rows_of(key, root_id).filter(unit_id=OuterRef("pk"))
    if leaf.op == "exists":
        return Q(Exists(rows)) if leaf.value else ~Q(Exists(rows))
    return Q(Exists(rows.filter(condition(leaf, key))))


def answers(leaf: Leaf, key: MetadataKey) -> bool:
    """Whether the index knows what a checked leaf on the key asks for."""
    if not is_indexed(key) or leaf.op not in INDEXED_OPS or not leaf.field.startswith("metadata."):
        return False
    wanted = leaf.value if isinstance(leaf.value, list) else [leaf.value]
    return key.type != KeyType.ENUM or not any(
        isinstance(one, str) and len(one.encode()) > _MAX_WORD_BYTES for one in wanted
    )


def condition(leaf: Leaf, key: MetadataKey) -> Q:
    """The comparison of a checked leaf, on rows of the key; not for `exists`."""
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
