"""All distances of a search in numbers: what the distance slider shows.

Engines give limits of every distance in one pass; exact distances are asked for only where the
limits leave open on which side of the threshold or of an edge a unit lies.
"""

import time

import numpy as np
import numpy.typing as npt

from accounts.actor import Actor
from embeddings.constants import HISTOGRAM_BINS
from embeddings.search.bars import Bars
from embeddings.search.bounds import Bounds, Places
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.distance import Distances
from embeddings.search.estimates import Limits
from embeddings.search.examples import Example
from embeddings.search.gaps import natural_gaps
from embeddings.search.question import ask
from embeddings.search.rankings import WINDOW
from embeddings.search.results import DistanceSummary
from embeddings.search.selection import candidates
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet


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
    extremes = bounds.settle(_may_be_extreme)
    if not len(bounds):
        return DistanceSummary(None, None, 0, 0, [], [], _milliseconds(started))
    ends = bounds.lower[extremes]
    bars = Bars(float(ends.min()), float(ends.max()), bins)
    gaps = natural_gaps(_nearest(bounds))
    counts = _counts(bounds, bars, threshold)
    return DistanceSummary(
        minimum=float(bars.edges[0]),
        maximum=float(bars.edges[-1]),
        searched=len(bounds),
        within=_within(bounds, threshold),
        edges=bars.edges.tolist(),
        counts=counts.tolist(),
        milliseconds=_milliseconds(started),
        gaps=gaps,
    )


def _counts(bounds: Bounds, bars: Bars, threshold: float | None) -> npt.NDArray[np.intp]:
    """How many units lie in each bar; what lies astride of an edge or of the limit is measured."""
    counts = np.zeros(0, dtype=np.intp)
    astride = np.empty(0, dtype=np.intp)

    def choose(now: Bounds) -> Places:
        nonlocal counts, astride
        counts, astride = bars.counted_surely(now.lower, now.upper)
        if threshold is None:
            return astride
        open_ones = (now.lower <= threshold) & (now.upper > threshold)
        return np.union1d(astride, np.flatnonzero(open_ones))

    bounds.settle(choose)
    return counts + bars.counted(bounds.lower[astride])


def _within(bounds: Bounds, threshold: float | None) -> int:
    """How many units lie within the threshold, once it lies between no unit's limits."""
    if threshold is None:
        return len(bounds)
    return int(np.count_nonzero(bounds.upper <= threshold))


def _nearest(bounds: Bounds) -> Distances:
    """The smallest distances, ascending: a page's ranking measures the same ones."""

    def choose(now: Bounds) -> Places:
        limits = Limits(now.lower, now.upper)
        return candidates(limits, after=None, limit=WINDOW, max_distance=None)

    return np.sort(bounds.lower[bounds.settle(choose)])[:WINDOW]


def _may_be_extreme(bounds: Bounds) -> Places:
    """Units that may be the nearest or the farthest."""
    if not len(bounds):
        return np.empty(0, dtype=np.intp)
    nearest = bounds.lower <= bounds.upper.min()
    farthest = bounds.upper >= bounds.lower.max()
    return np.flatnonzero(nearest | farthest)


def _milliseconds(started: float) -> float:
    return 1000 * (time.perf_counter() - started)
