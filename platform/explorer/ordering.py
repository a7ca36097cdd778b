"""Total orders of units, and cursors that go on behind a row.

An order is one value per unit, NULLs last, then the unit's id. A cursor holds both of the last row
of a page, so that the next page needs no OFFSET and neither repeats nor skips a unit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import Combinable

from accounts.actor import Actor
from core.cursors import pack, unpack
from core.errors import FieldError, InvalidInput
from folders.choices import KeyType
from folders.filters.typed_values import metadata_value
from folders.models import MetadataKey, Unit
from folders.querysets import UnitQuerySet

SORTABLE = (
    KeyType.NUMBER,
    KeyType.BOOLEAN,
    KeyType.DATETIME,
    KeyType.ENUM,
    KeyType.VARCHAR,
    KeyType.TEXT,
)
METADATA = "metadata."


@dataclass(frozen=True, slots=True)
class Order:
    """One order: its name in addresses, the value it sorts by (None: the id alone), direction.

    `is_total` says that every unit has a value, so that an index of the values serves.
    """

    name: str
    label: str
    value: Combinable | None
    descending: bool
    key: MetadataKey | None = None
    is_total: bool = False

    def valued(self, units: UnitQuerySet) -> UnitQuerySet:
        """The units, each with its `order_value`, if the order has one."""
        return units if self.value is None else units.annotate(order_value=self.value)

    def sort(self, units: UnitQuerySet, cursor: str | None, limit: int | None) -> UnitQuerySet:
        """The units behind the cursor, in order, each with its `order_value`; None is all."""
        if self.value is None:
            found = units.order_by("-pk" if self.descending else "pk")
            if cursor:
                behind = self._read(cursor)[1]
                found = found.filter(Q(pk__lt=behind) if self.descending else Q(pk__gt=behind))
            return found[:limit]
        found = self.valued(units)
        value = F("order_value")
        last = None if self.is_total else True
        first = value.desc(nulls_last=last) if self.descending else value.asc(nulls_last=last)
        found = found.order_by(first, "pk")
        return (found.filter(self._behind(cursor)) if cursor else found)[:limit]

    def cursor(self, last: Unit) -> str:
        """The cursor that goes on behind this unit of a sorted page."""
        return pack([self.name, getattr(last, "order_value", None), last.pk])

    def _behind(self, cursor: str) -> Q:
        value, pk = self._read(cursor)
        if value is None:
            return Q(order_value=None, pk__gt=pk)
        further = Q(order_value__lt=value) if self.descending else Q(order_value__gt=value)
        if self.is_total:
            # One range of an index, and a look at its rows.
            span = Q(order_value__lte=value) if self.descending else Q(order_value__gte=value)
            return span & (further | Q(pk__gt=pk))
        return further | Q(order_value=value, pk__gt=pk) | Q(order_value=None)

    def _read(self, cursor: str) -> tuple[Any, int]:
        try:
            name, value, pk = unpack(cursor)
        except (ValueError, TypeError):
            name, value, pk = None, None, None
        if name != self.name or not _fits(self, value) or not isinstance(pk, int):
            raise InvalidInput(
                "This page cannot be found: its cursor belongs to another list.",
                errors=[FieldError(path="cursor", message="The cursor is of another list.")],
            )
        return value, pk


def _fits(order: Order, value: Any) -> bool:
    if value is None or order.value is None:
        return value is None
    if order.key is not None and order.key.type == KeyType.NUMBER:
        return isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**308)
    return isinstance(value, str) and (
        order.key is None or order.key.type != KeyType.DATETIME or _is_moment(value)
    )


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def order_named(actor: Actor, name: str) -> Order:
    """The order of that name.

    Raises:
        InvalidInput: there is none.
    """
    plain = name.removeprefix("-")
    descending = name.startswith("-")
    if plain == "created_at":
        # Ids are given in the order in which units are added, and they are indexed by root.
        return Order(name, "Added", None, descending)
    if plain == "name":
        return Order(name, "Name", F("item__name"), descending, is_total=True)
    if plain.startswith(METADATA):
        keys = MetadataKey.objects.visible_to(actor).live().filter(type__in=SORTABLE)
        key = keys.filter(name=plain.removeprefix(METADATA)).first()
        if key is not None:
            return Order(name, key.name, metadata_value(key), descending, key)
    message = f"There is no order “{name}”."
    raise InvalidInput(message, errors=[FieldError(path="order", message=message)])
