"""Paging by cursor: stable while rows are added, and as quick on the last page as on the first."""

import re
from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import FieldError, InvalidInput

DEFAULT_LIMIT = 50
MAX_LIMIT = 500

NEXT_SCHEMA: dict[str, Any] = {
    "type": ["string", "null"],
    "format": "uri",
    "description": "Address of the following page; null on the last.",
}
LIMIT_SCHEMA: dict[str, Any] = {
    "type": "integer",
    "minimum": 1,
    "maximum": MAX_LIMIT,
    "default": DEFAULT_LIMIT,
}
PAGE_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "cursor",
        "in": "query",
        "schema": {"type": "string"},
        "description": "Taken from `next` of the page before.",
    },
    {"name": "limit", "in": "query", "schema": LIMIT_SCHEMA, "description": "Rows of a page."},
]


class CreatedCursorPagination(CursorPagination):
    """Newest first; `id` keeps the order total."""

    ordering = ("-created_at", "-id")

    def get_page_size(self, request: Request) -> int:
        """As many rows as the address asks for."""
        return read_limit(request)

    def decode_cursor(self, request: Request) -> Any:
        """The place that the address names.

        Raises:
            InvalidInput: it is none of ours.
        """
        try:
            return super().decode_cursor(request)
        except NotFound as error:
            raise InvalidInput(
                "The address leads to no page. Start at the first one.", code="bad_cursor"
            ) from error

    def get_paginated_response(self, data: Any) -> Response:
        """The rows and the way to more."""
        return Response({"next": self.get_next_link(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The shape of an answer, for OpenAPI."""
        return page_schema(schema)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The parameters of the address, for OpenAPI."""
        return PAGE_PARAMETERS


def page_schema(rows: dict[str, Any]) -> dict[str, Any]:
    """The shape of a page of rows."""
    return {
        "type": "object",
        "required": ["next", "results"],
        "properties": {"next": NEXT_SCHEMA, "results": rows},
    }


def read_limit(request: Request) -> int:
    """How many rows the address asks for.

    Raises:
        InvalidInput: it is no number from 1 to MAX_LIMIT.
    """
    given = request.query_params.get("limit", "")
    if not given:
        return DEFAULT_LIMIT
    # No more digits than a limit has: Python refuses to read some thousands of them.
    if not re.fullmatch("[0-9]{1,4}", given) or not 1 <= int(given) <= MAX_LIMIT:
        wrong = FieldError("limit", "This is no limit.", "range", f"1 to {MAX_LIMIT}", given[:20])
        raise InvalidInput(errors=[wrong])
    return int(given)
