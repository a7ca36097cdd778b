"""Keeps which units somebody selected on a map, where the map itself does not stay."""

from collections.abc import Sequence

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from accounts.actor import Actor
from core.errors import Conflict
from core.services import audit
from embeddings.forming import snapshot_of
from embeddings.maps.drawn import Part, selected_by
from embeddings.models import MapSelection, Reduction
from embeddings.services.points import all_points


@transaction.atomic
def select_on_map(
    *, actor: Actor, reduction: Reduction, parts: Sequence[Part], snapshot: int | None = None
) -> MapSelection:
    """Keep the units whose points the parts select, for good.

    All of them, whoever draws: filters show everybody those that he may see.

    Args:
        actor: who drew.
        reduction: the map, which the actor sees.
        parts: what was drawn.
        snapshot: the points on which it was drawn, by the number that came with them; None for
            those of a finished map.

    Raises:
        Conflict: the snapshot is gone, or the map is not finished and none is named.
    """
    unit_ids, points = _points(reduction, snapshot)
    chosen = unit_ids[selected_by(parts, points)]
    kept = MapSelection.objects.create(
        root_id=reduction.root_id,
        reduction=reduction,
        snapshot=snapshot or 0,
        parts=[part.to_json() for part in parts],
        unit_ids=chosen.tolist(),
        created_by=actor.user,
    )
    audit.record(
        actor=actor,
        action="map.selection_kept",
        target=reduction.root,
        data={"selection": str(kept.pk), "version": reduction.version, "snapshot": snapshot},
    )
    return kept


def _points(
    reduction: Reduction, number: int | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    if number is None:
        if not reduction.is_ready:
            raise Conflict("This map is not finished: name a snapshot.", code="map_not_ready")
        known = all_points(reduction)
        return known.unit_ids, known.points
    found = snapshot_of(reduction.pk, number)
    if found is None:
        raise Conflict(
            "The layout has gone on since this region was drawn. Draw it again.",
            code="snapshot_gone",
        )
    return found.unit_ids, found.points
