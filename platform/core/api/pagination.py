"""Paging by cursor: stable while rows are added, and as quick on the last page as on the first."""

from rest_framework.pagination import CursorPagination


class CreatedCursorPagination(CursorPagination):
    """Newest first; `id` keeps the order total."""

    ordering = ("-created_at", "-id")
    page_size_query_param = "limit"
    max_page_size = 500
