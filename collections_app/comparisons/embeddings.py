"""The embedding that two sets are compared under, and its map."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from accounts.actor import Actor
from collections_app.comparisons.sides import Comparison, Side
from embeddings.maps.access import current_map
from embeddings.maps.coverage import map_coverage
from embeddings.models import Reduction, VectorSet
from folders.models import Folder, MetadataKey


@dataclass(frozen=True, slots=True)
class Embedding:
    """An embedding key with vectors in the root folder, and its present map."""

    key: MetadataKey
    map: Reduction | None


def embeddings_of(compared: Comparison) -> list[Embedding]:
    """Those of the root folder, with a map first."""
    return held_embeddings(compared.actor, compared.root)


def held_embeddings(actor: Actor, root: Folder) -> list[Embedding]:
    """The embedding keys under which a root folder has vectors, with a map first."""
    keys = MetadataKey.objects.visible_to(actor).live().embeddings().order_by("name")
    held = VectorSet.objects.filter(root=root).values("key")
    found = [Embedding(key, current_map(root, key)) for key in keys.filter(pk__in=held)]
    return sorted(found, key=lambda one: one.map is None)


def map_data(compared: Comparison, embedding: Embedding | None) -> dict[str, str]:
    """Data attributes of the map's host; frontend/src/map/settings.ts names the usual ones.

    Without a map they say only which embedding lacks one.
    """
    data = {
        "embedding": embedding.key.name if embedding else "",
        "upgrade-url": reverse("folder-upgrade", args=[compared.root.pk]),
    }
    if embedding is None or embedding.map is None:
        return data
    reduction = embedding.map
    covered = map_coverage(compared.actor, reduction)
    return data | {
        "parts-url": reverse("map-parts", args=[reduction.pk]),
        "points-url": reverse("map-cards", args=[reduction.pk]),
        "colours-url": reverse("map-colours", args=[reduction.pk]),
        "point-url": reverse("map-point", args=[reduction.pk, 0]),
        "mask-a": _mask(reduction, compared.a),
        "mask-b": _mask(reduction, compared.b),
        "units": str(covered.units),
        "status": f"{embedding.key.name} · map version {reduction.version}",
    }


def _mask(reduction: Reduction, side: Side) -> str:
    address = reverse("map-mask", args=[reduction.pk])
    return f"{address}?{urlencode({'filter': side.encoded()})}"
