"""The field `metadata.<key>`, typed by the organisation's schema."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Func, Lookup, Q
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from folders.choices import KeyType
from folders.filters import values
from folders.filters.expressions import (
    MetadataMoment,
    MetadataNumber,
    MetadataText,
    MetadataType,
)
from folders.filters.fields import FieldType, comparisons
from folders.filters.indexed import indexed_condition
from folders.filters.nodes import Leaf
from folders.filters.values import Check, wrong
from folders.metadata.values import parse_datetime
from folders.models import MetadataKey

if TYPE_CHECKING:
    from folders.filters.compile import FilterContext

# More values than this are one comparison with a list, fewer one look-up in the index each.
_INDEXED_VALUES = 256

_ORDERS = {
    "gt": GreaterThan,
    "gte": GreaterThanOrEqual,
    "lt": LessThan,
    "lte": LessThanOrEqual,
    "eq": Exact,
}
_TEXT = {**comparisons(values.text, exists=True), "contains": values.text}
_OPS: dict[str, Mapping[str, Check]] = {
    KeyType.NUMBER: comparisons(values.number, order=True, exists=True),
    KeyType.BOOLEAN: comparisons(values.boolean, exists=True),
    KeyType.VARCHAR: _TEXT,
    KeyType.TEXT: _TEXT,
    KeyType.ENUM: _TEXT,
    KeyType.UUID: comparisons(values.uuid, exists=True),
    KeyType.DATETIME: comparisons(values.moment, order=True, exists=True),
    KeyType.GEOSPATIAL: {"exists": values.boolean},
}
_ALL_OPS = sorted({op for ops in _OPS.values() for op in ops})


class MetadataField(FieldType):
    """A key of the schema; operators and values are those of its type.

    The schema is the organisation's, so a leaf is checked in full only when it is compiled.
    """

    takes_key = True

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(_ALL_OPS))

    def compile(self, leaf: Leaf, context: "FilterContext", path: str) -> Q:
        """The condition on the unit's metadata."""
        key = context.keys.get(leaf.key)
        if key is None:
            message = f"The schema has no key “{leaf.key}”."
            raise wrong(f"{path}.field", message, found=leaf.field)
        if key.type == KeyType.EMBEDDING:
            message = f"“{key.name}” is an embedding key; vectors are asked for by another field."
            raise wrong(f"{path}.field", message, expected=f"embedding.{key.name}")
        checked = check_leaf(leaf, key, path)
        by_index = indexed_condition(checked, key, context.root.pk)
        return _by_json(checked, key) if by_index is None else by_index


def check_leaf(leaf: Leaf, key: MetadataKey, path: str = "") -> Leaf:
    """The leaf with its value in the one form of equal values.

    Raises:
        InvalidInput: the type of the key has no such operator, or the value is wrong.
    """
    return FieldType(_OPS[key.type]).check(leaf, path)


def present(name: str) -> Q:
    """Units that have a value under the key which is not null."""
    # The first part is served by the index of keys when there is one, and is never NULL.
    return Q(metadata__has_key=name) & ~Q(Exact(MetadataType(name), "null"))


def _by_json(leaf: Leaf, key: MetadataKey) -> Q:
    """The condition on the JSON itself: of types and operators that the index does not know, and
    while it is still to be built.
    """
    match leaf.op:
        case "exists":
            return present(key.name) if leaf.value else ~present(key.name)
        case "ne":
            return present(key.name) & ~_equal(key, [leaf.value])
        case "not_in":
            return present(key.name) & ~_equal(key, leaf.value)
        case "eq":
            return _equal(key, [leaf.value])
        case "in":
            return _equal(key, leaf.value)
        case "contains":
            return _known(IContains, MetadataText(key.name), leaf.value)
        case "between":
            low, high = leaf.value
            return _ordered(key, "gte", low) & _ordered(key, "lte", high)
        case op:
            return _ordered(key, op, leaf.value)


def _equal(key: MetadataKey, wanted: list[Any]) -> Q:
    """The value is one of those wanted."""
    if key.type == KeyType.NUMBER:
        # As numbers, not as JSON: of two ways to write one, both are meant.
        return _known(In, MetadataNumber(key.name), [float(value) for value in wanted])
    if key.type == KeyType.DATETIME:
        return Q(*(_ordered(key, "eq", value) for value in wanted), _connector=Q.OR)
    if key.type == KeyType.UUID:
        # Stored as it was written: in either case of letters.
        wanted = [*wanted, *(value.upper() for value in wanted)]
    if len(wanted) > _INDEXED_VALUES:
        return _known(In, MetadataText(key.name), wanted)
    return Q(*(Q(metadata__contains={key.name: value}) for value in wanted), _connector=Q.OR)


def _ordered(key: MetadataKey, op: str, value: Any) -> Q:
    if key.type == KeyType.DATETIME:
        return _known(_ORDERS[op], MetadataMoment(key.name), parse_datetime(value))
    return _known(_ORDERS[op], MetadataNumber(key.name), float(value))


def _known(lookup: "type[Lookup[Any]]", expression: Func, value: Any) -> Q:
    """The comparison, false rather than NULL without a value: so its negation holds there."""
    return Q(IsNull(expression, False)) & Q(lookup(expression.copy(), value))  # noqa: FBT003
