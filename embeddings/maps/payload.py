"""The points of a map as a browser loads them."""

from typing import Any

import numpy as np
from django.db.models import Max, Min
from numpy.typing import NDArray

from embeddings.copying import read_queryset
from embeddings.maps.access import View
from embeddings.maps.framing import encode_frame

MAGIC = b"KMAP"
VERSION = 1


def map_payload(view: View) -> bytes:
    """The rows of a view: columns x, y (float32) and ordinal (uint32), by ascending ordinal."""
    columns = [("ordinal", "i4"), ("x", "f4"), ("y", "f4")]
    rows = read_queryset(view.points.values_list("ordinal", "x", "y"), columns)
    x, y = rows["x"].astype(np.float32), rows["y"].astype(np.float32)
    header = {
        "version": VERSION,
        "reduction": str(view.reduction.pk),
        "count": len(rows),
        "bounds": bounds_of(x, y),
        "mark": view.mark,
    }
    return encode_frame(
        MAGIC, header, {"x": x, "y": y, "ordinal": rows["ordinal"].astype(np.uint32)}
    )


def view_bounds(view: View) -> list[float]:
    """As the payload's header says."""
    ends = view.points.order_by().aggregate(Min("x"), Min("y"), Max("x"), Max("y"))
    return [ends[name] or 0.0 for name in ("x__min", "y__min", "x__max", "y__max")]


def bounds_of(x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]]) -> list[float]:
    """Smallest x, smallest y, largest x, largest y; zeros when there is no point."""
    if not len(x):
        return [0.0, 0.0, 0.0, 0.0]
    return [float(x.min()), float(y.min()), float(x.max()), float(y.max())]
