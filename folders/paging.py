"""Pages by keyset: stable while rows are added, as quick on the last page as on the first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import Model, Q, QuerySet

from core.cursors import pack, unpack
from core.errors import InvalidInput

Row = TypeVar("Row", bound=Model)

# Names that one page of a search looks at: a tenth of a second, whatever lies in the folder.
NAMES_PER_PAGE = 50_000


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
    found = list(_ordered(rows, order, cursor)[: limit + 1])
    if len(found) <= limit:
        return KeysetPage(found)
    last = found[limit - 1]
    return KeysetPage(found[:limit], pack([order, getattr(last, order.lstrip("-")), last.pk]))


def search_page(
    rows: QuerySet[Row], *, search: str, order: str, cursor: str, limit: int
) -> KeysetPage[Row]:
    """The page of rows after the cursor that have the text in their name, in any case of letters.

    No index finds what stands within a name, so the rows are walked in their order; a page walks no
    more than NAMES_PER_PAGE of them, and may be short or empty although there is a next one, which
    goes on from there.

    Args:
        rows: what is searched; its rows have a `name`.
        search: what stands in the name.
        order, cursor, limit: as of keyset_page, whose cursors go on here and back.

    Raises:
        InvalidInput: the cursor is none of ours for this order.
    """
    column = order.removeprefix("-")
    walked = _ordered(rows, order, cursor)
    try:
        ids, end = _walk(walked, column, order, search, limit)
    except EmptyResultSet:
        return KeysetPage([])
    by_id = rows.in_bulk(ids[:limit])
    # A row may have gone since; the page is one shorter then.
    found = [by_id[pk] for pk in ids[:limit] if pk in by_id]
    if len(ids) > limit:
        last = by_id.get(ids[limit - 1], found[-1] if found else None)
        end = [order, getattr(last, column), last.pk] if last else end
    return KeysetPage(found, pack(end) if end else "")


def _walk(
    walked: QuerySet[Any], column: str, order: str, search: str, limit: int
) -> tuple[list[Any], list[Any] | None]:
    """Ids of the first matches, one more than a page, and where the walk ended before the end."""
    fields = list(dict.fromkeys(["pk", column, "name"]))
    sql, params = walked.values_list(*fields)[:NAMES_PER_PAGE].query.sql_with_params()
    names = ", ".join(f"c{place}" for place in range(len(fields)))
    place = f"c{fields.index(column)}"
    name = f"c{fields.index('name')}"
    direction = "DESC" if order.startswith("-") else "ASC"
    backwards = "ASC" if order.startswith("-") else "DESC"
    # Only the compiled queryset goes into the text; values are parameters.
    statement = f"""
        WITH walked ({names}) AS MATERIALIZED ({sql})
        (SELECT c0, {place}, true, 0 FROM walked WHERE lower({name}) LIKE lower(%s)
            ORDER BY {place} {direction}, c0 {direction} LIMIT %s)
        UNION ALL
        (SELECT c0, {place}, false, (SELECT count(*) FROM walked) FROM walked
            ORDER BY {place} {backwards}, c0 {backwards} LIMIT 1)
    """  # noqa: S608
    escaped = search
    for letter in "\\%_":
        escaped = escaped.replace(letter, f"\\{letter}")
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, f"%{escaped}%", limit + 1])
        answer = cursor.fetchall()
    ids = [pk for pk, _, is_match, _ in answer if is_match]
    for pk, value, is_match, seen in answer:
        if not is_match and seen == NAMES_PER_PAGE:
            return ids, [order, value, pk]
    return ids, None


def _ordered(rows: QuerySet[Row], order: str, cursor: str) -> QuerySet[Row]:
    """The rows behind the cursor in their order."""
    column = order.removeprefix("-")
    sign = "-" if order.startswith("-") else ""
    if cursor:
        try:
            rows = rows.filter(_after(column, cursor, order, descending=bool(sign)))
        except (ValidationError, ValueError, TypeError, OverflowError) as error:
            raise _unknown_cursor() from error
    return rows.order_by(f"{sign}{column}", f"{sign}pk")


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
