"""All distances of a search in numbers: what the distance slider shows.

Engines give limits of every distance in one pass; exact distances are asked for only where the
limits leave open on which side of the threshold or of an edge a unit lies.
"""

import math
import time

import numpy as np
import numpy.typing as npt

from accounts.actor import Actor
from embeddings.constants import HISTOGRAM_BINS
from embeddings.search.blocks import blocks
from embeddings.search.bounds import Bounds, Places
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.distance import Distances
from embeddings.search.examples import Example
from embeddings.search.gaps import natural_gaps
from embeddings.search.question import ask
from embeddings.search.results import DistanceSummary
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet

# Of narrower histograms the edges themselves are rounded too much to reckon with.
_NARROW = 1e-6
# More than reckoning and the edges are rounded by, in widths of a bar.
_SLACK = 1e-6

_BarPair = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


def distance_summary(
    *,
    actor: Actor,
    root: Folder,
    key: MetadataKey,
    query: Example,
    units: UnitQuerySet | None = None,
    threshold: float | None = None,
    bins: int = HISTOGRAM_BINS,
    engine: str = DEFAULT_ENGINE,
) -> DistanceSummary:
    """Smallest and largest distance, how many lie within a threshold, and a histogram; all exact.

    The arguments are those of `search`, which gives the same beside a first page. `within` counts
    what `search(max_distance=threshold)` pages through; without a threshold, everything.

    Raises:
        NotFound, InvalidInput: as `search` does.
    """
    started = time.perf_counter()
    chosen = engine_named(engine)
    question = ask(
        actor=actor, root=root, key=key, example=query, units=units, max_distance=threshold
    )
    return summarize(chosen.bounds(question), threshold, bins=bins, started=started)


def summarize(
    bounds: Bounds,
    threshold: float | None,
    *,
    bins: int = HISTOGRAM_BINS,
    started: float | None = None,
) -> DistanceSummary:
    """The summary of all distances from their limits, in milliseconds since `started`."""
    started = time.perf_counter() if started is None else started
    limit = math.inf if threshold is None else threshold
    bounds.settle(_may_be_extreme)
    if not len(bounds):
        return DistanceSummary(None, None, 0, 0, [], [], _milliseconds(started))
    # Now the limits of the smallest and of the largest are equal.
    minimum, maximum = float(bounds.lower.min()), float(bounds.upper.max())
    edges = np.linspace(minimum, maximum, bins + 1)

    counts = _counts(bounds, edges, limit)
    return DistanceSummary(
        minimum=minimum,
        maximum=maximum,
        searched=len(bounds),
        within=int(np.count_nonzero(bounds.upper <= limit)),
        edges=edges.tolist(),
        counts=counts.tolist(),
        milliseconds=_milliseconds(started),
        gaps=natural_gaps(bounds.lower),
    )


def _counts(bounds: Bounds, edges: npt.NDArray[np.float64], limit: float) -> npt.NDArray[np.intp]:
    """How many units lie in each bar; what lies astride of an edge or of the limit is measured."""
    counts = np.zeros(len(edges) - 1, dtype=np.intp)

    def astride(now: Bounds) -> Places:
        counts[:] = 0
        found = [
            rows.start + _count(now.lower[rows], now.upper[rows], edges, limit, counts)
            for rows in blocks(len(now))
        ]
        return np.concatenate([np.empty(0, dtype=np.intp), *found])

    settled = bounds.settle(astride)
    return counts + np.bincount(_bars(edges, bounds.lower[settled]), minlength=len(counts))


def _count(
    lower: Distances,
    upper: Distances,
    edges: npt.NDArray[np.float64],
    limit: float,
    counts: npt.NDArray[np.intp],
) -> Places:
    """Add units to the bars that surely hold them; returns the places of the others."""
    first, last = _outer_bars(edges, lower, upper)
    unsure = first != last
    if limit < math.inf:
        unsure |= (lower <= limit) & (upper > limit)
    counts += np.bincount(first[~unsure], minlength=len(counts))
    return np.flatnonzero(unsure)


def _may_be_extreme(bounds: Bounds) -> Places:
    """Units that may be the nearest or the farthest."""
    if not len(bounds):
        return np.empty(0, dtype=np.intp)
    nearest = bounds.lower <= bounds.upper.min()
    farthest = bounds.upper >= bounds.lower.max()
    return np.flatnonzero(nearest | farthest)


def _outer_bars(edges: npt.NDArray[np.float64], lower: Distances, upper: Distances) -> _BarPair:
    """The first and the last bar that may hold each unit."""
    bins, width = len(edges) - 1, edges[-1] - edges[0]
    if width <= _NARROW * np.abs(edges).max():
        return _bars(edges, lower), _bars(edges, upper)
    # All bars are as wide: reckoned, which is many times as quick as looking edges up.
    reckoned = []
    for values, slack in ((lower, -_SLACK), (upper, _SLACK)):
        places = values - edges[0]
        places *= bins / width
        places += slack
        np.clip(places, 0, bins - 1, out=places)
        reckoned.append(places.astype(np.intp))
    return reckoned[0], reckoned[1]


def _bars(edges: npt.NDArray[np.float64], values: Distances) -> npt.NDArray[np.intp]:
    """The bar of each exact distance; what lies beyond the ends belongs to the outermost bars."""
    return np.searchsorted(edges[1:-1], values, side="right")


def _milliseconds(started: float) -> float:
    return 1000 * (time.perf_counter() - started)
