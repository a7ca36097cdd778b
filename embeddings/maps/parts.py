"""The points of a map in parts that never change, so that browsers keep what they have.

A part is a frame (embeddings.maps.framing) with magic KPRT, compressed by gzip. Its header holds
`version` and `count`; its columns are x and y (float32) and `step` (uint32), whose running sum is
the ordinal of each row. The first part is the layout, each further one what was placed later. A
point that went stays in its part, and a bitmap over the rows of all parts, one after another, tells
which are gone; a point that was placed anew is one that went and one that came.

Whoever sees a whole root folder gets parts that all of them share. Others get parts cut to what
they see, which are made for them alone and change when a point of theirs goes.
"""

import gzip
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from core.errors import Conflict, NotFound
from embeddings.copying import read_queryset
from embeddings.maps.access import View
from embeddings.maps.framing import encode_frame
from embeddings.models import MapPart, Reduction

MAGIC = b"KPRT"
VERSION = 1
# Places are noise to a compressor: more effort costs time and saves nothing.
_EFFORT = 1
_POINT = [("ordinal", "i4"), ("x", "f4"), ("y", "f4")]


@dataclass(frozen=True, slots=True)
class Part:
    """Points with first <= ordinal < end, without their bytes."""

    first: int
    end: int
    count: int
    digest: str


def map_parts(view: View) -> list[Part]:
    """The parts of a finished map, in the order of their ordinals; parts without a row are none."""
    if view.whole:
        parts = [_told(part) for part in _stored(view.reduction).defer("data")]
    else:
        parts = [_cut(view, first, end) for first, end in spans(view.reduction)]
    return [part for part in parts if part.count]


def part_data(view: View, first: int, digest: str = "") -> tuple[str, bytes]:
    """Digest and compressed frame of the part that begins at an ordinal.

    Args:
        view: of a finished map.
        first: as map_parts says.
        digest: of the part that the caller wants; empty to take any.

    Raises:
        NotFound: no part begins there.
        Conflict: the digest is not the present one.
    """
    end = dict(spans(view.reduction)).get(first)
    if end is None:
        raise NotFound("The map has no such part.")
    if view.whole:
        stored = view.reduction.parts.get(first=first, end=end)
        present, data = stored.digest, bytes(stored.data)
    else:
        rows = view.points.filter(ordinal__gte=first, ordinal__lt=end)
        present, data = _cut(view, first, end).digest, encode_part(rows)[1]
    if digest and digest != present:
        raise Conflict(
            "The map has changed since it was loaded. Load it again.", code="map_changed"
        )
    return present, data


def gone_rows(view: View) -> bytes:
    """One bit for each row of all parts, least significant first: 1 for a point that went."""
    parts = _stored(view.reduction).iterator(chunk_size=1)
    rows = np.concatenate([np.empty(0, np.int64), *map(_ordinals, parts)])
    seen = read_queryset(view.points.order_by().values_list("ordinal"), [("ordinal", "i4")])
    gone = ~np.isin(rows, seen["ordinal"], assume_unique=True)
    return np.packbits(gone, bitorder="little").tobytes()


def spans(reduction: Reduction) -> list[tuple[int, int]]:
    """Where the parts of a map begin and end, as ordinals."""
    begins = [0, *reduction.segments[:-1]]
    return list(zip(begins, reduction.segments, strict=False))


def encode_part(points: QuerySet[Any, Any]) -> tuple[int, bytes]:
    """The number of points and their frame, compressed to the same bytes each time."""
    rows = read_queryset(points.order_by("ordinal").values_list(*dict(_POINT)), _POINT)
    step = np.diff(rows["ordinal"].astype(np.int64), prepend=0).astype(np.uint32)
    header = {"version": VERSION, "count": len(rows)}
    frame = encode_frame(MAGIC, header, {"x": rows["x"], "y": rows["y"], "step": step})
    return len(rows), gzip.compress(frame, _EFFORT, mtime=0)


def _stored(reduction: Reduction) -> QuerySet[MapPart, MapPart]:
    """Parts of the present stretches; there may be others, of before some were joined."""
    present = Q()
    for first, end in spans(reduction):
        present |= Q(first=first, end=end)
    return reduction.parts.filter(present).order_by("first") if present else MapPart.objects.none()


def _told(part: MapPart) -> Part:
    return Part(part.first, part.end, part.count, part.digest)


def _cut(view: View, first: int, end: int) -> Part:
    """A part of those points that the view shows: places do not change, so ordinals tell it."""
    rows = view.points.filter(ordinal__gte=first, ordinal__lt=end).values_list("ordinal")
    ordinals = read_queryset(rows, [("ordinal", "i4")])["ordinal"]
    told = blake2b(view.reduction.pk.bytes, digest_size=16)
    told.update(ordinals.tobytes())
    return Part(first, end, len(ordinals), told.hexdigest())


def _ordinals(part: MapPart) -> NDArray[np.int64]:
    if part.count == part.end - part.first:
        return np.arange(part.first, part.end)
    frame = gzip.decompress(part.data)
    step = np.frombuffer(frame, "<u4", offset=len(frame) - 4 * part.count)
    return np.cumsum(step, dtype=np.int64)
