"""All units within a distance, as a set: for snapshots, counts and masks."""

import numpy as np
import numpy.typing as npt

from accounts.actor import Actor
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.examples import Example
from embeddings.search.question import ask
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet


def units_within(
    *,
    actor: Actor,
    root: Folder,
    key: MetadataKey,
    query: Example,
    max_distance: float,
    units: UnitQuerySet | None = None,
    engine: str = DEFAULT_ENGINE,
) -> npt.NDArray[np.int64]:
    """Ids of the units that `search(max_distance=…)` pages through, in ascending order.

    One pass over the limits of all distances; only what lies astride the threshold is measured
    exactly. The arguments are those of `search`.

    Raises:
        NotFound, InvalidInput: as `search` does.
    """
    chosen = engine_named(engine)
    question = ask(
        actor=actor, root=root, key=key, example=query, units=units, max_distance=max_distance
    )
    bounds = chosen.bounds(question)
    inside = bounds.upper <= max_distance
    astride = (bounds.lower <= max_distance) & ~inside
    exact = chosen.distances_of(question, bounds.unit_ids[astride])
    found = [unit for unit, distance in exact.items() if distance <= max_distance]
    ids = np.concatenate([bounds.unit_ids[inside], np.array(found, dtype=np.int64)])
    return np.sort(ids)
