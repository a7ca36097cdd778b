"""Reads of the embeddings app; each starts from what the actor may see."""

import numpy as np
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from accounts.actor import Actor
from embeddings.models import Vector
from folders.models import Folder, MetadataKey, Unit
from folders.permissions import sees_whole_root
from folders.querysets import UnitQuerySet


def units_to_search(
    actor: Actor, root: Folder, units: UnitQuerySet | None = None
) -> UnitQuerySet | None:
    """The root's units, or `units` of them, cut by what the actor may see.

    None stands for the whole root, which needs no look at the units at all.
    """
    if sees_whole_root(actor, root):
        return None if units is None else units.filter(root=root)
    if units is None:
        units = Unit.objects.all()
    return units.filter(root=root).visible_to(actor)


def units_of_key(
    actor: Actor, root: Folder, key: MetadataKey, *, units: UnitQuerySet | None = None
) -> UnitQuerySet:
    """Units of the root, or `units` of it, that the actor sees and the key has a vector of."""
    searched = units_to_search(actor, root, units)
    within = Unit.objects.filter(root=root) if searched is None else searched
    # A literal key id lets PostgreSQL look at its partition only.
    return within.filter(Exists(Vector.objects.filter(key_id=key.pk, unit_id=OuterRef("pk"))))


def values_of(key: MetadataKey, unit_ids: list[int]) -> dict[int, NDArray[np.float32]]:
    """The vectors of the units, float32 of shape (dimensions,), where there are any."""
    rows = Vector.objects.filter(key_id=key.pk, unit_id__in=unit_ids)
    return {
        unit_id: np.asarray(value, dtype=np.float32)
        for unit_id, value in rows.values_list("unit_id", "value")
    }


def units_with_vectors(unit_ids: list[int]) -> set[int]:
    """Those of the units that have a vector, also under a deleted key, which can be restored."""
    organisations = Unit.objects.filter(pk__in=unit_ids).values("root__organisation")
    keys = MetadataKey.objects.embeddings().filter(organisation__in=organisations)
    found: set[int] = set()
    # One key at a time: a literal key id lets PostgreSQL look at its partition only.
    for key_id in keys.values_list("pk", flat=True):
        vectors = Vector.objects.filter(key_id=key_id, unit_id__in=unit_ids)
        found.update(vectors.values_list("unit_id", flat=True))
    return found
