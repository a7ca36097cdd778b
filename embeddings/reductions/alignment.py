"""Brings a new layout into the position of an old one, and says how far it differs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embeddings.reductions.layout import Points

NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Drift:
    """How far two layouts of the same n points differ.

    Attributes:
        neighbours_kept: share of each point's ten nearest on the old map that still are, from 0 to
            1; of as many as there are, where there are fewer.
        median_shift: as a share of the old map's width.
        shifts: of each point, in the same measure; shape (n,).
    """

    neighbours_kept: float
    median_shift: float
    shifts: NDArray[np.float64]


def align(points: Points, places: NDArray[np.float64]) -> Points:
    """Turn, mirror and shift all points, so that they come closest to their old places.

    Nothing is scaled: the size of a t-SNE map says how far its groups lie apart.

    Args:
        points: the new layout, shape (n, 2).
        places: where the points were, shape (n, 2); NaN for those that were nowhere.
    """
    common = np.isfinite(places).all(axis=1)
    if common.sum() < 2:
        return points
    exact = points.astype(np.float64)
    new, old = exact[common], places[common]
    # Orthogonal Procrustes (Schönemann 1966).
    left, _, right = np.linalg.svd((new - new.mean(axis=0)).T @ (old - old.mean(axis=0)))
    turned = (exact - new.mean(axis=0)) @ (left @ right) + old.mean(axis=0)
    return np.ascontiguousarray(turned, dtype=np.float32)


def drift(before: NDArray[np.float64], after: NDArray[np.float64]) -> Drift | None:
    """Compare two layouts of the same points, shape (n, 2); None for fewer than two points."""
    count = len(before)
    if count < 2:
        return None
    k = min(NEIGHBOURS, count - 1)
    old, new = _nearest(before, k), _nearest(after, k)
    kept = (old[:, :, None] == new[:, None, :]).any(axis=2).mean()
    width = float(np.ptp(before, axis=0).max()) or 1.0
    shifts = np.linalg.norm(after - before, axis=1) / width
    return Drift(float(kept), float(np.median(shifts)), shifts)


def _nearest(points: NDArray[np.float64], k: int) -> NDArray[np.intp]:
    """The k nearest of each point, without itself; among equal places it may be any of them."""
    # Long to load, and web processes import this module.
    from scipy.spatial import cKDTree

    _, found = cKDTree(points).query(points, k=k + 1)
    own = found == np.arange(len(points))[:, None]
    own[~own.any(axis=1), -1] = True
    nearest: NDArray[np.intp] = found[~own].reshape(len(points), k)
    return nearest
