"""Maps for the tests of upgrades and maps: units with vectors, and finished maps."""

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from embeddings.choices import ReductionMethod, ReductionState
from embeddings.models import Reduction
from embeddings.services.points import replace_points
from folders.models import Folder, MetadataKey

_DTYPES = {"float32": "<f4", "uint32": "<u4", "uint16": "<u2", "uint8": "u1"}


def make_map(
    root: Folder,
    key: MetadataKey,
    unit_ids: Sequence[int],
    points: Sequence[tuple[float, float]],
    *,
    version: int = 1,
) -> Reduction:
    """A finished map with these points, ordinals from 0 on."""
    reduction = Reduction.objects.create(
        root=root,
        key=key,
        version=version,
        method=ReductionMethod.TSNE,
        state=ReductionState.READY,
        point_count=len(unit_ids),
        segments=[len(unit_ids)],
        finished_at=timezone.now(),
    )
    replace_points(
        reduction=reduction,
        unit_ids=np.array(unit_ids, dtype=np.int64),
        points=np.array(points, dtype=np.float32).reshape(-1, 2),
    )
    return reduction


def read_frame(data: bytes) -> tuple[str, dict[str, Any], dict[str, NDArray[Any]]]:
    """Magic, header and columns of a frame, read as a browser reads it."""
    magic = data[:4].decode()
    (length,) = struct.unpack("<I", data[4:8])
    begin = 8 + length
    assert begin % 8 == 0
    header = json.loads(data[8:begin])
    listed = header["columns"]
    columns = {}
    for place, column in enumerate(listed):
        dtype = np.dtype(_DTYPES[column["type"]])
        start = begin + column["offset"]
        assert column["offset"] % 4 == 0
        end = begin + listed[place + 1]["offset"] if place + 1 < len(listed) else len(data)
        count = header.get("count", (end - start) // dtype.itemsize)
        columns[column["name"]] = np.frombuffer(data, dtype, count=count, offset=start)
    return magic, header, columns


def read_mask(data: bytes, count: int) -> list[bool]:
    """The first `count` bits, least significant first."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    assert len(bits) == (count + 7) // 8 * 8
    assert not bits[count:].any()
    return [bool(bit) for bit in bits[:count]]
