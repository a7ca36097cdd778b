"""All tables together, and all routes that there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.matrix.routes_accounts import ACCOUNTS
from tests.matrix.routes_collections import COLLECTIONS
from tests.matrix.routes_core import CORE
from tests.matrix.routes_embeddings import EMBEDDINGS
from tests.matrix.routes_encord import ENCORD
from tests.matrix.routes_explorer import EXPLORER
from tests.matrix.routes_folders import FOLDERS
from tests.matrix.routes_integrations import INTEGRATIONS
from tests.matrix.routes_portal import PORTAL
from tests.matrix.routes_schema import SCHEMA
from tests.matrix.routes_uploads import UPLOADS
from tests.matrix.table import Table

TABLES: tuple[Table, ...] = (
    CORE,
    ACCOUNTS,
    INTEGRATIONS,
    FOLDERS,
    SCHEMA,
    UPLOADS,
    EMBEDDINGS,
    COLLECTIONS,
    EXPLORER,
    ENCORD,
    PORTAL,
)


@dataclass(frozen=True)
class Found:
    """A route of the resolver."""

    name: str
    pattern: str
    parameters: frozenset[str]
    view: Any


def all_routes() -> list[Found]:
    """Every route of the platform, in the order of the resolver."""
    return list(_walk(get_resolver().url_patterns, "", frozenset()))


def merged() -> Table:
    """All tables; a name that two of them list is an error."""
    table: Table = {}
    for part in TABLES:
        for name, route in part.items():
            if name in table:
                raise ValueError(f"Two tables list the route {name!r}.")
            table[name] = route
    return table


def _walk(
    patterns: Sequence[URLPattern | URLResolver], before: str, parameters: frozenset[str]
) -> Iterator[Found]:
    for entry in patterns:
        pattern = before + str(entry.pattern)
        names = parameters | frozenset(entry.pattern.converters)
        if isinstance(entry, URLResolver):
            if entry.namespace == "admin":
                # Django's admin has no names for some; tests/console walks its tables.
                continue
            yield from _walk(entry.url_patterns, pattern, names)
        else:
            yield Found(entry.name or "", pattern, names, entry.callback)
