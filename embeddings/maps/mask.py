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
    ordinal = [("ordinal", "i4")]
    rows = read_queryset(view.points.values_list("ordinal"), ordinal)["ordinal"]
    matching = view.points.filter(unit__in=units.order_by().values("pk")).order_by()
    found = read_queryset(matching.values_list("ordinal"), ordinal)["ordinal"]
    hits = np.isin(rows, found, assume_unique=True)
    return Mask(bits=np.packbits(hits, bitorder="little").tobytes(), count=int(hits.sum()))
