"""Pages as the SDK turns them: `{"results": […], "nextPageToken": …}`, until there is no token."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers

from encord_api.naming import WireSerializer
from folders.paging import KeysetPage, keyset_page, search_page

Row = TypeVar("Row", bound=Model)

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000


class PageQuery(WireSerializer):
    """Which page is asked for; to be derived from."""

    page_token = serializers.CharField(default="", allow_blank=True)
    page_size = serializers.IntegerField(
        default=DEFAULT_PAGE_SIZE, min_value=1, max_value=MAX_PAGE_SIZE
    )


def page_of(
    rows: QuerySet[Row],
    query: dict[str, Any],
    *,
    order: str,
    search: str = "",
    render: Callable[[Sequence[Row]], list[Any]],
    fitting: Callable[[Sequence[Row]], int] = len,
) -> dict[str, Any]:
    """The page that a checked PageQuery asks for.

    Args:
        rows: what is paged, in any order.
        query: `page_token` and `page_size`.
        order: a column, with `-` in front for the other direction.
        search: what stands in the rows' names.
        render: makes the answer's rows of the page's.
        fitting: how many of the rows make one answer; the next page goes on behind them.

    Raises:
        InvalidInput: the token is none of ours.
    """
    page = _page(rows, query, order, search)
    fits = fitting(page.rows)
    if fits < len(page.rows):
        page = _page(rows, query | {"page_size": fits}, order, search)
    return {"results": render(page.rows), "nextPageToken": page.next_cursor or None}


def _page(rows: QuerySet[Row], query: dict[str, Any], order: str, search: str) -> KeysetPage[Row]:
    cursor, limit = query["page_token"], query["page_size"]
    search = search.replace("\x00", "")
    if search:
        return search_page(rows, search=search, order=order, cursor=cursor, limit=limit)
    return keyset_page(rows, order=order, cursor=cursor, limit=limit)
