"""Ways between the tables of the console."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode


def rows_link(table: str, label: str, **conditions: Any) -> str:
    """A link to the rows of a table that meet the conditions."""
    address = reverse(f"admin:{table}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(conditions), label)


def row_link(table: str, key: Any, label: str) -> str:
    """A link to one row."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{table}_change", args=[key]), label)
