"""REST framework's pagination over folders.paging."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.pagination import PAGE_PARAMETERS, page_schema, read_limit
from core.errors import FieldError, InvalidInput
from folders.paging import keyset_page, search_page


class KeysetPagination(BasePagination):
    """`?cursor=&limit=&order=`; the answer's `next` is the address of the following page.

    A view may set `keyset_orders`, the first of which holds unless another is asked for; with
    `searches_names`, `?search=` keeps rows with the text in their name.
    """

    orders: tuple[str, ...] = ("-created_at",)
    # Address of the following page; None on the last.
    following: str | None = None

    def paginate_queryset(
        self,
        queryset: "QuerySet[Any] | Sequence[Any]",
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        """The rows of the page that the address asks for."""
        orders = getattr(view, "keyset_orders", self.orders)
        order = request.query_params.get("order") or orders[0]
        if order not in orders:
            wrong = FieldError("order", "There is no such order.", "choice", ", ".join(orders))
            raise InvalidInput(errors=[wrong])
        if not isinstance(queryset, QuerySet):
            raise TypeError("Only querysets can be paged by keyset.")
        cursor = request.query_params.get("cursor", "")
        limit = read_limit(request)
        search = request.query_params.get("search", "").replace("\x00", "")
        if search and getattr(view, "searches_names", False):
            page = search_page(queryset, search=search, order=order, cursor=cursor, limit=limit)
        else:
            page = keyset_page(queryset, order=order, cursor=cursor, limit=limit)
        self.following = _with_cursor(request, page.next_cursor) if page.next_cursor else None
        return page.rows

    def get_paginated_response(self, data: Any) -> Response:
        """The rows and the way to more."""
        return Response({"next": self.following, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The shape of an answer, for OpenAPI."""
        return page_schema(schema)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The parameters of the address, for OpenAPI."""
        orders = list(getattr(view, "keyset_orders", self.orders))
        schema = {"type": "string", "enum": orders, "default": orders[0]}
        order = {"name": "order", "in": "query", "schema": schema, "description": "Of the rows."}
        return [*PAGE_PARAMETERS, order]


def _with_cursor(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
