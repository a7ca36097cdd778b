"""All distances of a search in numbers: what the distance slider shows.

Engines give limits of every distance in one pass; exact distances are asked for only where the
limits leave open on which side of the threshold or of an edge a unit lies.
"""

import math
import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from accounts.actor import Actor
from embeddings.constants import HISTOGRAM_BINS
from embeddings.search.choice import DEFAULT_ENGINE, engine_named
from embeddings.search.engine import Bounds, Engine
from embeddings.search.examples import Example
from embeddings.search.gaps import natural_gaps
from embeddings.search.question import Question, ask
from embeddings.search.results import DistanceSummary
from folders.models import Folder, MetadataKey
from folders.querysets import UnitQuerySet

Mask = npt.NDArray[np.bool_]
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

    The arguments are those of `search`. `within` counts what `search(max_distance=threshold)` pages
    through; without a threshold, everything.

    Raises:
        NotFound, InvalidInput: as `search` does.
    """
    started = time.perf_counter()
    chosen = engine_named(engine)
    question = ask(
        actor=actor, root=root, key=key, example=query, units=units, max_distance=threshold
    )
    limit = math.inf if threshold is None else threshold
    bounds = chosen.bounds(question)
    bounds = _settle(chosen, question, bounds, _may_be_extreme(bounds))
    if len(bounds.unit_ids) == 0:
        return DistanceSummary(None, None, 0, 0, [], [], _milliseconds(started))
    # Now the limits of the smallest and of the largest are equal.
    minimum, maximum = float(bounds.lower.min()), float(bounds.upper.max())
    edges = np.linspace(minimum, maximum, bins + 1)
    open_bar = _bars(edges, bounds.lower) != _bars(edges, bounds.upper)
    open_side = (bounds.lower <= limit) & (bounds.upper > limit)
    bounds = _settle(chosen, question, bounds, open_bar | open_side)
    counts = np.bincount(_bars(edges, bounds.lower), minlength=bins)
    return DistanceSummary(
        minimum=minimum,
        maximum=maximum,
        searched=len(bounds.unit_ids),
        within=int((bounds.upper <= limit).sum()),
        edges=edges.tolist(),
        counts=counts.tolist(),
        milliseconds=_milliseconds(started),
        gaps=natural_gaps(bounds.lower),
    )


def _may_be_extreme(bounds: Bounds) -> Mask:
    """Units that may be the nearest or the farthest."""
    if len(bounds.unit_ids) == 0:
        return np.zeros(0, dtype=np.bool_)
    nearest: Mask = bounds.lower <= bounds.upper.min()
    farthest: Mask = bounds.upper >= bounds.lower.max()
    return nearest | farthest


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


def _settle(engine: Engine, question: Question, bounds: Bounds, mask: Mask) -> Bounds:
    """Replace the limits of the units in the mask by their exact distances.

    Units whose vectors went away since the limits were read are dropped.
    """
    open_ones = np.flatnonzero(mask & (bounds.lower != bounds.upper))
    if not len(open_ones):
        return bounds
    exact = engine.distances_of(question, bounds.unit_ids[open_ones])
    known = np.array([exact.get(unit, np.nan) for unit in bounds.unit_ids[open_ones].tolist()])
    lower, upper = bounds.lower.copy(), bounds.upper.copy()
    lower[open_ones] = upper[open_ones] = known
    gone = open_ones[np.isnan(known)]
    if not len(gone):
        return replace(bounds, lower=lower, upper=upper)
    return Bounds(np.delete(bounds.unit_ids, gone), np.delete(lower, gone), np.delete(upper, gone))


def _milliseconds(started: float) -> float:
    return 1000 * (time.perf_counter() - started)
