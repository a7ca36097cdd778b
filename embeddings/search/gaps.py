"""Natural gaps among distances: where a threshold would cut between groups. Pure.

Our own rule of thumb, for the eye: among the nearest distances, the few widest steps from one to
the next that are a fair share of their whole span.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_MOST_GAPS = 3
# Of the span of the distances that are looked at.
_LEAST_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class Gap:
    """No distance lies between `low` and `high`; `below` units are at most `low` away."""

    low: float
    high: float
    below: int


def natural_gaps(nearest: npt.NDArray[np.float64]) -> list[Gap]:
    """The widest gaps among the smallest distances, both ascending.

    Thousands of them would lie so close that no step means anything.
    """
    if len(nearest) < 3:
        return []
    steps = np.diff(nearest)
    # The query itself is at no distance: it would make a gap each time.
    steps[0] = 0.0
    span = float(nearest[-1] - nearest[0])
    if span <= 0.0 or not np.isfinite(span):
        return []
    widest = np.argsort(-steps)[:_MOST_GAPS]
    return [
        Gap(float(nearest[place]), float(nearest[place + 1]), int(place + 1))
        for place in sorted(widest.tolist())
        if steps[place] >= _LEAST_SHARE * span
    ]
