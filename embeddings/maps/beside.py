"""Two versions of a map as a browser draws them side by side."""

import numpy as np

from accounts.actor import Actor
from embeddings.maps.access import get_ready_map, visible_points
from embeddings.maps.drift import common_rows, earlier_version
from embeddings.maps.framing import encode_frame
from embeddings.models import Reduction, ReductionPoint

MAGIC = b"KTWO"


def beside_frame(actor: Actor, reduction: Reduction) -> bytes:
    """Both places of each unit that the actor sees on a map and on the finished version before it.

    Columns, one row for each such unit: ordinal (uint32, on this version, ascending), x, y,
    before_x and before_y (float32). The header's `before` is the id of the earlier version, empty
    where there is none.

    Raises:
        Conflict: the map is not finished.
    """
    new = get_ready_map(actor, reduction.pk)
    old = earlier_version(new)
    earlier = visible_points(actor, old) if old else ReductionPoint.objects.none()
    before, after = common_rows(earlier, visible_points(actor, new))
    order = np.argsort(after["ordinal"], kind="stable")
    before, after = before[order], after[order]
    header = {
        "reduction": str(new.pk),
        "before": str(old.pk) if old else "",
        "count": len(after),
    }
    columns = {
        "ordinal": after["ordinal"].astype(np.uint32),
        "x": after["x"].astype(np.float32),
        "y": after["y"].astype(np.float32),
        "before_x": before["x"].astype(np.float32),
        "before_y": before["y"].astype(np.float32),
    }
    return encode_frame(MAGIC, header, columns)
