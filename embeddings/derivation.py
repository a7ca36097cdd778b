"""One vector for a video, sequence or group, made of those of its frames or parts. Pure.

What each method means follows from the metric of the key:

mean     cosine: the mean of the directions, every vector scaled to length 1 first, because the
         metric knows no lengths. l2 and inner_product: the arithmetic mean.
medoid   one of the vectors as it is: that with the least sum of distances to the others; of
         several, the first. cosine and inner_product: exact for any number, as both sums are one
         product with the sum of all. l2: exact up to MEDOID_EXACT vectors; of more, the medoid of
         so many of them, evenly spread.

Under cosine zero vectors have no direction and are left out; where nothing is left, or the
directions cancel out, there is no derived vector. Sums are float64, over blocks of float32 rows
that can be gone through again, so that memory holds one block at a time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.choices import Derivation
from embeddings.search.distance import norms
from folders.choices import Metric

Rows = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]
Blocks = Callable[[], Iterable[Rows]]

# Its medoid under l2 takes some seconds at 512 dimensions: the work grows with the square.
MEDOID_EXACT = 1024

# Means of directions shorter than this are what rounding to float32 left of directions that cancel
# out.
_NO_DIRECTION = 1e-6
# Sums of distances that differ by less, for each vector, are the same.
_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class Derived:
    """The vector, float32 of shape (dimensions,), and how many others it was made of."""

    value: Rows
    members: int


def derive(blocks: Blocks, *, method: Derivation, metric: Metric) -> Derived | None:
    """Make one vector of those in the blocks, each float32 of shape (n, dimensions).

    Returns:
        None where there is none, as the module says.
    """
    total, members = _total(blocks, metric)
    if not members:
        return None
    if method == Derivation.MEDOID:
        return Derived(_medoid(blocks, metric, total, members), members)
    mean = total / members
    if metric == Metric.COSINE and np.linalg.norm(mean) <= _NO_DIRECTION:
        return None
    return Derived(mean.astype(np.float32), members)


def _total(blocks: Blocks, metric: Metric) -> tuple[Vector, int]:
    """The sum of all vectors that count, and their number."""
    total: Vector = np.zeros(1)
    members = 0
    for block in blocks():
        rows = _scaled(block, metric)
        total = total + rows.sum(axis=0)
        members += len(rows)
    return total, members


def _scaled(block: Rows, metric: Metric) -> Vector:
    """The rows that count, as the metric sees them."""
    rows = block.astype(np.float64)
    if metric != Metric.COSINE:
        return rows
    lengths = norms(block)
    scaled: Vector = rows[lengths > 0] / lengths[lengths > 0, None]
    return scaled


def _medoid(blocks: Blocks, metric: Metric, total: Vector, members: int) -> Rows:
    if metric == Metric.L2:
        rows = _spread(blocks, members)
        picked: Rows = rows[_first_least(_distance_sums(rows.astype(np.float64)))]
        return picked
    costs = np.concatenate([_costs(block, metric, total) for block in blocks()])
    return _row(blocks, metric, _first_least(costs))


def _costs(block: Rows, metric: Metric, total: Vector) -> Vector:
    """Sums of the distances of each row to all others, but for a constant."""
    rows = _scaled(block, metric)
    products = rows @ total
    if metric == Metric.INNER_PRODUCT:
        # Its product with itself is no distance to another one.
        products -= np.square(rows).sum(axis=1)
    costs: Vector = -products
    return costs


def _first_least(costs: Vector) -> int:
    least = costs.min()
    slack = _SAME * max(len(costs), abs(float(least)))
    return int(np.flatnonzero(costs <= least + slack)[0])


def _row(blocks: Blocks, metric: Metric, place: int) -> Rows:
    """The vector at a place among those that count, as it was sent."""
    for block in blocks():
        counting = block[norms(block) > 0] if metric == Metric.COSINE else block
        if place < len(counting):
            return np.array(counting[place])
        place -= len(counting)
    raise IndexError(place)


def _spread(blocks: Blocks, members: int) -> Rows:
    """All rows, or MEDOID_EXACT of them, evenly spread, the first and the last included."""
    count = min(members, MEDOID_EXACT)
    places = np.unique(np.linspace(0, members - 1, count).round().astype(np.int64))
    found, begin = [], 0
    for block in blocks():
        within = places[(places >= begin) & (places < begin + len(block))] - begin
        found.append(block[within])
        begin += len(block)
    return np.concatenate(found)


def _distance_sums(rows: Vector) -> Vector:
    """The sum of Euclidean distances of each row to all, by differences: nothing cancels out."""
    return np.array([np.sqrt(np.square(rows - row).sum(axis=1)).sum() for row in rows])
