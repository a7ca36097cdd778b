"""The binary form of what a map sends: a JSON header and columns that a browser reads in place.

    bytes 0–3   magic: KMAP (points), KCOL (a column of colours) or KTWO (points of two versions)
    bytes 4–7   length H of the header, uint32
    then        H bytes of JSON in UTF-8, padded with spaces so that 8 + H is a multiple of 8
    then        the columns, each at 8 + H + its offset, which is a multiple of 4

All numbers are little endian. The header's `columns` lists name, type (float32, uint32, uint16 or
uint8) and offset of each.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONTENT_TYPE = "application/vnd.kindred.map"
_TYPES = {"<f4": "float32", "<u4": "uint32", "<u2": "uint16", "|u1": "uint8"}


def encode_frame(
    magic: bytes, header: Mapping[str, Any], columns: Mapping[str, NDArray[Any]]
) -> bytes:
    """Frame columns of equal length; the header gets their list."""
    parts: list[bytes] = []
    listed: list[dict[str, Any]] = []
    offset = 0
    for name, values in columns.items():
        # Little endian, also on a machine that is not.
        ordered = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        listed.append({"name": name, "type": _TYPES[ordered.dtype.str], "offset": offset})
        data = ordered.tobytes()
        parts.append(data + bytes(-len(data) % 4))
        offset += len(parts[-1])
    text = json.dumps({**header, "columns": listed}, separators=(",", ":"), allow_nan=False)
    encoded = text.encode()
    encoded += b" " * (-(8 + len(encoded)) % 8)
    return b"".join([magic, struct.pack("<I", len(encoded)), encoded, *parts])
