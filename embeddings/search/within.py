"""All units on one side of a distance, as a set: for snapshots, counts, filters and masks."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from accounts.actor import Actor
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.examples import Example
from embeddings.search.question import ask
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet

UnitIds = npt.NDArray[np.int64]
# operator.le, lt, ge or gt: of a distance and the threshold, also of whole arrays of distances.
Compare = Callable[[Any, float], Any]


def units_within(
    *,
    actor: Actor,
    root: Folder,
    key: MetadataKey,
    query: Example,
    max_distance: float,
    units: UnitQuerySet | None = None,
    engine: str = DEFAULT_ENGINE,
) -> UnitIds:
    """Ids of the units that `search(max_distance=…)` pages through, in ascending order.

    The arguments are those of `search`.

    Raises:
        NotFound, InvalidInput: as `search` does.
    """
    return units_compared(
        actor=actor,
        root=root,
        key=key,
        query=query,
        compare=operator.le,
        threshold=max_distance,
        units=units,
        engine=engine,
    )


def units_compared(
    *,
    actor: Actor,
    root: Folder,
    key: MetadataKey,
    query: Example,
    compare: Compare,
    threshold: float,
    units: UnitQuerySet | None = None,
    engine: str = DEFAULT_ENGINE,
) -> UnitIds:
    """Ids of the units whose distance compares so with the threshold, in ascending order.

    Units without a distance, for want of a vector or of its direction, are on neither side. One
    pass over the limits of all distances; only what lies astride the threshold is measured exactly.

    Raises:
        NotFound, InvalidInput: as `search` does.
    """
    chosen = engine_named(engine)
    question = ask(
        actor=actor, root=root, key=key, example=query, units=units, max_distance=threshold
    )
    bounds = chosen.bounds(question)
    bounds.settle(
        lambda now: np.flatnonzero(compare(now.lower, threshold) ^ compare(now.upper, threshold))
    )
    return np.sort(bounds.unit_ids[compare(bounds.lower, threshold)])
