"""A picture of where the points of a map lie, for browsers that cannot draw the map. Pure.

The more points lie on a pixel, the more opaque it is; what is empty is transparent, so that the
picture lies on the surface of the page. frontend/src/map/density.ts shows crowds in the same way.
"""

import io
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

# The page's token --accent.
_COLOURS: dict[Scheme, tuple[int, int, int]] = {
    "light": (0x36, 0x56, 0xD4),
    "dark": (0x8D, 0xA2, 0xFF),
}
# Pixels of the longer side, which screens show at about half that.
_SIDE = 1600
# Air around the points, as a share of the longer side, so that none is cut.
_MARGIN = 1 / 64
# A lone point is still seen well, and the densest regions are told apart.
_LONE = 0.4
# Diameters of points in pixels, up to so many of them.
_SIZES = ((2_000, 14), (20_000, 9), (200_000, 7))
_SMALLEST = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and what it shows: smallest x and y, largest x and y."""

    png: bytes
    bounds: tuple[float, float, float, float]


def density_picture(points: NDArray[np.float32], scheme: Scheme) -> Picture:
    """Draw n points, shape (n, 2), in the colour of a scheme."""
    bounds = _widened(points)
    cover = _cover(points, bounds)
    filled = cover > 0
    crowd = float(cover[filled].mean()) if filled.any() else 1.0
    dense = 1 - np.exp(-cover / (3 * max(crowd, 1.0)))
    opacity = np.minimum(cover, 1) * (_LONE + (1 - _LONE) * dense)
    levels = np.rint(opacity * 255).astype(np.uint8)
    # One colour of 256 opacities: a byte a pixel, instead of four.
    image = Image.fromarray(levels[::-1], mode="P")
    image.putpalette(_COLOURS[scheme] * 256)
    written = io.BytesIO()
    image.save(written, "PNG", transparency=bytes(range(256)), compress_level=6)
    return Picture(written.getvalue(), bounds)


def _widened(points: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """What holds all points with air around them; a square of side 1 where they lie on one spot."""
    if not len(points):
        return (0.0, 0.0, 1.0, 1.0)
    left, bottom = map(float, points.min(axis=0))
    right, top = map(float, points.max(axis=0))
    air = max(right - left, top - bottom) * _MARGIN or 0.5
    return (left - air, bottom - air, right + air, top + air)


def _cover(
    points: NDArray[np.float32], bounds: tuple[float, float, float, float]
) -> NDArray[np.float32]:
    """How many points cover each pixel, the row of the smallest y first."""
    low = np.array(bounds[:2])
    extent = np.array(bounds[2:]) - low
    scale = _SIDE / extent.max()
    width, height = (max(1, round(float(side * scale))) for side in extent)
    column, row = ((points - low) * scale).astype(np.int64).T
    places = np.minimum(row, height - 1) * width + np.minimum(column, width - 1)
    counts = np.bincount(places, minlength=width * height).reshape(height, width)
    return _discs(counts.astype(np.float32), _diameter(len(points)) / 2)


def _discs(counts: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """Each point as a disc: sums over the discs around the pixels, row by row of the disc."""
    reach = int(radius)
    height, width = counts.shape
    padded = np.pad(counts, reach)
    running = np.pad(np.cumsum(padded, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    cover: NDArray[Any] = np.zeros((height, width), dtype=np.float64)
    for above in range(-reach, reach + 1):
        half = int((radius**2 - above**2) ** 0.5)
        rows = running[reach + above : reach + above + height]
        first, end = reach - half, reach + half + 1
        cover += rows[:, end : end + width] - rows[:, first : first + width]
    return cover.astype(np.float32)


def _diameter(count: int) -> int:
    return next((size for most, size in _SIZES if count <= most), _SMALLEST)
