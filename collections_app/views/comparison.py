"""The page that lays two sets side by side.

The page itself counts the overlap; what the sets' metadata tell apart and what lies near take
longer and follow as fragments.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.actor import Actor
from accounts.middleware import actor_of
from collections_app.comparisons import (
    Comparison,
    Side,
    compare,
    differences,
    nearest_units,
    offered_sides,
    overlap,
)
from collections_app.comparisons.embeddings import Embedding, embeddings_of, map_data
from collections_app.comparisons.presentation import row_of, tiles_of
from collections_app.comparisons.sides import ALL, REST
from collections_app.views.addresses import explorer_address
from core.errors import DomainError, InvalidInput, NotFound
from folders.models import Folder
from folders.permissions import get_root

NEAREST = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address names: two sets and an embedding, each empty when it does not."""

    a: str
    b: str
    embedding: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Read the address."""
        return cls(*(request.GET.get(name, "") for name in ("a", "b", "embedding")))

    def query(self, **changed: str) -> str:
        """The address's query with some parts changed."""
        parts = {"a": self.a, "b": self.b, "embedding": self.embedding} | changed
        return urlencode({name: value for name, value in parts.items() if value})


@require_GET
def comparison(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Two sets of a root folder; the first two that there are when the address names none."""
    actor = actor_of(request)
    root = get_root(actor, root_id)
    offered = offered_sides(actor, root)
    asked = Asked.of(request)
    first = asked.a or (offered[0].ref if offered else "")
    others = [side.ref for side in offered if side.ref != first]
    asked = Asked(first, asked.b or (others[0] if others else REST), asked.embedding)
    context: dict[str, Any] = {"root": root}
    try:
        if asked.a:
            context |= _compared(actor, root, asked, offered)
    except (InvalidInput, NotFound) as error:
        context |= {"error": error, "menus": _menus(asked, offered)}
    return render(request, "collections/compare.html", context, status=_status(context))


@require_GET
def comparison_differences(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """What the sets' metadata tell apart, a row a field."""
    compared = _named(request, root_id)
    rows = [row_of(one) for one in differences(compared, overlap(compared))]
    context = {
        "telling": [row for row in rows if row.tells],
        "silent": [row for row in rows if not row.tells],
        "count": len(rows),
    }
    return render(request, "collections/compare_differences.html", context)


@require_GET
def comparison_nearest(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """The units of B alone that lie nearest to A."""
    compared = _named(request, root_id)
    embedding = _chosen(embeddings_of(compared), request.GET.get("embedding", ""))
    context: dict[str, Any] = {"embedding": embedding, "compared": compared}
    if embedding is not None:
        among = compared.only(compared.b)
        near = nearest_units(compared, key=embedding.key, of=compared.a, among=among, limit=NEAREST)
        hits = near.page.hits if near.page else []
        context |= {"near": near, "tiles": tiles_of(compared.actor, hits)}
    return render(request, "collections/compare_nearest.html", context)


def _named(request: HttpRequest, root_id: UUID) -> Comparison:
    actor, asked = actor_of(request), Asked.of(request)
    return compare(actor=actor, root=get_root(actor, root_id), a=asked.a, b=asked.b)


def _compared(actor: Actor, root: Folder, asked: Asked, offered: list[Side]) -> dict[str, Any]:
    compared = compare(actor=actor, root=root, a=asked.a, b=asked.b)
    embeddings = embeddings_of(compared)
    chosen = _chosen(embeddings, asked.embedding)
    return {
        "compared": compared,
        "overlap": overlap(compared),
        "query": asked.query(),
        "swapped": asked.query(a=asked.b, b=asked.a),
        "menus": _menus(asked, offered),
        "chosen": chosen,
        "embeddings": [
            {
                "label": one.key.name,
                "size": f"{one.key.dimensions}-d",
                "query": asked.query(embedding=one.key.name),
                "is_on": one is chosen,
            }
            for one in embeddings
        ],
        "map_data": map_data(compared, chosen),
        "explorer": {name: explorer_address(root, side.tree) for name, side in _sides(compared)},
        "more_like": {name: _more_like(root, side, chosen) for name, side in _sides(compared)},
    }


def _sides(compared: Comparison) -> list[tuple[str, Side]]:
    return [("a", compared.a), ("b", compared.b)]


def _menus(asked: Asked, offered: list[Side]) -> list[dict[str, Any]]:
    """What each side may be changed to."""
    rest = [Side(REST, "Everything else", "Rest", None), Side(ALL, "All units", "Folder", None)]
    return [
        {
            "name": name,
            "entries": [
                {"side": side, "query": asked.query(**{name: side.ref}), "is_on": side.ref == now}
                for side in [*offered, *rest]
                if not (side.ref == other == REST)
            ],
        }
        for name, now, other in (("a", asked.a, asked.b), ("b", asked.b, asked.a))
    ]


def _chosen(embeddings: list[Embedding], name: str) -> Embedding | None:
    named = [one for one in embeddings if one.key.name == name]
    return next(iter(named or embeddings), None)


def _more_like(root: Folder, side: Side, embedding: Embedding | None) -> str:
    """Where to find more like a side; empty where there is nothing else, or no vector."""
    if side.tree is None or embedding is None:
        return ""
    # The rest is a set by what the other side is: alone, it is a filter.
    ref = f"filter:{side.encoded()}" if side.ref == REST else side.ref
    query = urlencode({"set": ref, "embedding": embedding.key.name})
    return f"{reverse('more-like', args=[root.pk])}?{query}"


def _status(context: dict[str, Any]) -> int:
    error: DomainError | None = context.get("error")
    return 200 if error is None else error.status
