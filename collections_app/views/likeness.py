"""*Find more like this set*: a search near the mean vector of a set, without the set itself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from accounts.middleware import actor_of
from collections_app.comparisons.embeddings import held_embeddings
from collections_app.comparisons.sides import Side, named_side
from collections_app.matching import embedding_key, filtered_units
from collections_app.telling import counted
from collections_app.views.addresses import explorer_address
from embeddings.search.mean import mean_vector
from embeddings.vector_text import encode_vector
from folders.models import MetadataKey
from folders.permissions import get_root

Tree = dict[str, Any]


@require_GET
def more_like(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Lead to the Explorer, searching near the mean of the set that `set` names.

    The mean is that of now; the address that one is led to keeps it. Where the set has none, the
    Explorer shows the set, and says why.
    """
    actor = actor_of(request)
    root = get_root(actor, root_id)
    side = named_side(actor, root, request.GET.get("set", ""))
    units = filtered_units(actor=actor, root=root, tree=side.tree)
    name = request.GET.get("embedding", "")
    keys = [one.key for one in held_embeddings(actor, root)]
    key = embedding_key(actor, name) if name else next(iter(keys), None)
    vectors, mean = mean_vector(key, root.pk, units) if key else (0, None)
    if key is None or mean is None:
        messages.error(request, _why_not(side, key, vectors))
        return HttpResponseRedirect(explorer_address(root, side.tree))
    messages.info(request, _found(side, key, vectors, units.count() - vectors))
    vector = encode_vector(mean)
    others = _others(side)
    return HttpResponseRedirect(explorer_address(root, others, embedding=key.name, vector=vector))


def _others(side: Side) -> Tree | None:
    """What is not in the set, as a chip that can be taken away; None where nothing would be left.

    Of a collection the chip is one of its own kind, which rail and chips can name.
    """
    if side.tree is None:
        return None
    if side.tree.get("field") == "collection" and side.tree.get("op") == "in":
        return {"all": [{**side.tree, "op": "not_in"}]}
    return {"all": [{"not": side.tree}]}


def _found(side: Side, key: MetadataKey, vectors: int, without: int) -> str:
    of = "the only vector" if vectors == 1 else f"the mean of {vectors:,} vectors"
    words = f"Searching near {of} of {side.label} under {key.name}."
    if not without:
        return words
    what = "has none that counts" if without == 1 else "have none that count"
    return f"{words} {counted(without)} of it {what}."


def _why_not(side: Side, key: MetadataKey | None, vectors: int) -> str:
    if key is None:
        return "This folder has no vectors yet. Import some, then look for more like this set."
    if not vectors:
        return f"No unit of {side.label} has a vector under {key.name}, so nothing can be like it."
    return f"The vectors of {side.label} under {key.name} cancel each other out: no mean is left."
