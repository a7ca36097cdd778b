"""Which rows of a map match a filter."""

from dataclasses import dataclass

import numpy as np

from embeddings.copying import read_queryset
from embeddings.maps.access import View
from folders.querysets import UnitQuerySet


@dataclass(frozen=True, slots=True)
class Mask:
    """One bit for each row of a view.

    Attributes:
        bits: bit i, the least significant of a byte first, is row i; padded with zeros to bytes.
        count: how many are set.
    """

    bits: bytes
    count: int


def map_mask(view: View, units: UnitQuerySet) -> Mask:
    """The rows whose units are among the given ones."""
    # A unit stands in one row.
    unit = [(f"{view.unit}pk", "i8")]
    rows = read_queryset(view.rows.values_list(unit[0][0]), unit)[unit[0][0]]
    matching = view.rows.filter(**{f"{view.unit}pk__in": units.order_by().values("pk")})
    found = read_queryset(matching.order_by().values_list(unit[0][0]), unit)[unit[0][0]]
    hits = np.isin(rows, found, assume_unique=True)
    return Mask(bits=np.packbits(hits, bitorder="little").tobytes(), count=int(hits.sum()))
