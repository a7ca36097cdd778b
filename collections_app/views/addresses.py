"""Addresses of the Explorer that pages of collections lead to."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from collections_app.models import Collection
from folders import filters
from folders.models import Folder

Tree = dict[str, Any]


def explorer_address(root: Folder, tree: Tree | None, **state: str) -> str:
    """The Explorer of a root folder with a filter; `state` are further parts of its address."""
    said = {"filter": _encoded(tree), **state}
    query = urlencode({name: value for name, value in said.items() if value})
    return reverse("explorer", args=[root.pk]) + (f"?{query}" if query else "")


def explorer_of(collection: Collection) -> str:
    """The Explorer, filtered by a collection."""
    leaf = {"field": "collection", "op": "in", "value": [str(collection.pk)]}
    return explorer_address(collection.root, {"all": [leaf]})


def _encoded(tree: Tree | None) -> str:
    return filters.encode(filters.parse(tree)) if tree is not None else ""
