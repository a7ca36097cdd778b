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
from embeddings.search.bounds import Bounds, Places
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.examples import Example
from embeddings.search.gaps import natural_gaps
from embeddings.search.question import ask
from embeddings.search.results import DistanceSummary
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet

# Of narrower histograms the edges themselves are rounded too much to reckon with.
_NARROW = 1e-6


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
    # The last bar has no end that anything could lie beyond.
    ends = np.append(edges[1:-1], math.inf)
    bars = np.empty(0, dtype=np.intp)

    def astride(now: Bounds) -> Places:
        nonlocal bars
        bars = _bars(edges, now.lower)
        open_ones = now.upper >= ends[bars]
        if limit < math.inf:
            open_ones |= (now.lower <= limit) & (now.upper > limit)
        return np.flatnonzero(open_ones)

    settled = bounds.settle(astride)
    bars[settled] = _bars(edges, bounds.lower[settled])
    return np.bincount(bars, minlength=len(edges) - 1)


def _may_be_extreme(bounds: Bounds) -> Places:
    """Units that may be the nearest or the farthest."""
    if not len(bounds):
        return np.empty(0, dtype=np.intp)
    nearest = bounds.lower <= bounds.upper.min()
    farthest = bounds.upper >= bounds.lower.max()
    return np.flatnonzero(nearest | farthest)


def _bars(edges: npt.NDArray[np.float64], values: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """The bar of each value; values beyond the ends belong to the outermost bars."""
    bins, width = len(edges) - 1, edges[-1] - edges[0]
    if width <= _NARROW * np.abs(edges).max():
        return np.searchsorted(edges[1:-1], values, side="right")
    # Four times as quick: all bars are as wide, so that a guess is off by one at most.
    bars = np.clip(values, edges[0], edges[-1])
    bars -= edges[0]
    bars *= bins / width
    guess = np.minimum(bars.astype(np.intp), bins - 1)
    begins, ends = edges[:-1].copy(), edges[1:].copy()
    begins[0], ends[-1] = -math.inf, math.inf
    guess -= values < begins[guess]
    guess += values >= ends[guess]
    return guess


def _milliseconds(started: float) -> float:
    return 1000 * (time.perf_counter() - started)
