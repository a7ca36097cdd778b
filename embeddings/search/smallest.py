"""The n-th smallest of very many numbers. Pure: knows no database."""

import math

import numpy as np

from embeddings.search.distance import Distances

# Of so many values every 64th is looked at first, to leave out most of the others.
_LARGE = 100_000
_SAMPLED = 64


def smallest(values: Distances, number: int) -> float:
    """The number-th smallest value; infinite when there are fewer."""
    if len(values) < number:
        return math.inf
    if len(values) > _LARGE:
        sample = values[::_SAMPLED]
        # About four times as many as wanted lie below this one of the sample.
        place = min(len(sample) - 1, 4 * number // _SAMPLED + 8)
        below = values[values <= np.partition(sample, place)[place]]
        if len(below) >= number:
            values = below
    return float(np.partition(values, number - 1)[number - 1])
