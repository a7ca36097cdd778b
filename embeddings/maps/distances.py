"""The distance of each point's unit from the examples of a search, to colour the points by."""

import numpy as np

from accounts.actor import Actor
from embeddings.copying import read_queryset
from embeddings.maps.access import View
from embeddings.maps.colours import number_frame
from embeddings.search import Example
from embeddings.search.measured import drawn_distances
from folders.models import MetadataKey

FIELD = "distance"


def map_distances(view: View, actor: Actor, key: MetadataKey, example: Example) -> bytes:
    """The frame of numbers that embeddings.maps.colours describes, of distances under a key.

    Raises:
        NotFound, InvalidInput: as `search` does.
    """
    rows = view.rows.values_list("unit_id" if view.snapshot is None else "pk")
    units = read_queryset(rows, [("unit", "i8")])["unit"].astype(np.int64)
    values = drawn_distances(
        actor=actor, root=view.reduction.root, key=key, query=example, unit_ids=units
    )
    return number_frame(view, FIELD, values)
