"""The points of a map as a browser loads them."""

from typing import Any

import numpy as np
from django.db.models import Max, Min
from numpy.typing import NDArray

from embeddings.copying import read_queryset
from embeddings.forming import Snapshot
from embeddings.maps.access import View
from embeddings.maps.framing import encode_frame

MAGIC = b"KMAP"
VERSION = 1


def map_payload(view: View) -> bytes:
    """The rows of a view: columns x, y (float32) and ordinal (uint32), by ascending ordinal.

    Of a forming map the header names the `snapshot` that the places are of.
    """
    snapshot = view.snapshot
    ordinals, points = finished_rows(view) if snapshot is None else _forming(view, snapshot)
    x, y = points[:, 0], points[:, 1]
    header: dict[str, Any] = {
        "version": VERSION,
        "reduction": str(view.reduction.pk),
        "count": len(ordinals),
        "bounds": bounds_of(x, y),
        "mark": view.mark,
    }
    if snapshot is not None:
        header["snapshot"] = snapshot.number
    return encode_frame(MAGIC, header, {"x": x, "y": y, "ordinal": ordinals.astype(np.uint32)})


def finished_rows(view: View) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Ordinals (n,) and places (n, 2) of a finished map."""
    columns = [("ordinal", "i4"), ("x", "f4"), ("y", "f4")]
    rows = read_queryset(view.points.values_list("ordinal", "x", "y"), columns)
    return rows["ordinal"].astype(np.int64), np.column_stack([rows["x"], rows["y"]])


def _forming(view: View, snapshot: Snapshot) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    units = read_queryset(view.rows.values_list("pk"), [("pk", "i8")])["pk"]
    ordinals = np.searchsorted(snapshot.unit_ids, units)
    return ordinals, snapshot.points[ordinals]


def view_bounds(view: View) -> list[float]:
    """As the payload's header says."""
    ends = view.points.order_by().aggregate(Min("x"), Min("y"), Max("x"), Max("y"))
    return [ends[name] or 0.0 for name in ("x__min", "y__min", "x__max", "y__max")]


def bounds_of(x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]]) -> list[float]:
    """Smallest x, smallest y, largest x, largest y; zeros when there is no point."""
    if not len(x):
        return [0.0, 0.0, 0.0, 0.0]
    return [float(x.min()), float(y.min()), float(x.max()), float(y.max())]
