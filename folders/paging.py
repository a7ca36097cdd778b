"""Pages by keyset: stable while rows are added, as quick on the last page as on the first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from core.cursors import pack, unpack
from core.errors import InvalidInput

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Row]):
    """Some rows in order; `next_cursor` leads to those that follow, empty at the end."""

    rows: list[Row]
    next_cursor: str = ""


def keyset_page(rows: QuerySet[Row], *, order: str, cursor: str, limit: int) -> KeysetPage[Row]:
    """The page of rows after the cursor.

    Args:
        rows: what is paged, in any order.
        order: a column that is never null, with `-` in front for the other direction; ties are
            broken by id in the same direction.
        cursor: `next_cursor` of the page before, empty for the first page.
        limit: most rows of a page.

    Raises:
        InvalidInput: the cursor is none of ours for this order.
    """
    column = order.removeprefix("-")
    sign = "-" if order.startswith("-") else ""
    if cursor:
        try:
            rows = rows.filter(_after(column, cursor, order, descending=bool(sign)))
        except (ValidationError, ValueError, TypeError, OverflowError) as error:
            raise _unknown_cursor() from error
    found = list(rows.order_by(f"{sign}{column}", f"{sign}pk")[: limit + 1])
    if len(found) <= limit:
        return KeysetPage(found)
    last = found[limit - 1]
    return KeysetPage(found[:limit], pack([order, getattr(last, column), last.pk]))


def _after(column: str, cursor: str, order: str, *, descending: bool) -> Q:
    value, pk = _decode(cursor, order)
    beyond = "lt" if descending else "gt"
    # The first condition follows from the second, but only it lets an index begin in its middle.
    return Q(**{f"{column}__{beyond}e": value}) & (
        Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, f"pk__{beyond}": pk})
    )


def _decode(cursor: str, order: str) -> tuple[Any, Any]:
    try:
        made_for, value, pk = unpack(cursor)
        if order.removeprefix("-").endswith("_at"):
            value = datetime.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise _unknown_cursor() from error
    if made_for != order or isinstance(value, list | dict) or not isinstance(pk, str | int):
        raise _unknown_cursor()
    return value, pk


def _unknown_cursor() -> InvalidInput:
    return InvalidInput("The address leads to no page. Start at the first one.", code="bad_cursor")
