"""Regions drawn on a map, and which points lie in them. Pure: knows no database.

One definition, which this file states in numpy, embeddings.maps.regions in SQL and the page in
TypeScript, step by step in the same float64 arithmetic, so that all three agree on every point:

- coordinates of points are float32, taken as the float64 numbers that they are; those of regions
  are float64 as sent;
- edges belong to the region: a rectangle holds x0 ≤ x ≤ x1 and y0 ≤ y ≤ y1;
- a polygon is closed from its last vertex to its first and holds what lies on an edge, and what a
  ray to the right leaves through an odd number of edges (so a loop drawn twice is outside). For an
  edge from (ax, ay) to (bx, by), with cross = (bx - ax) · (y - ay) - (by - ay) · (x - ax):
  on the edge   cross = 0, and x and y lie between the ends;
  ray crosses   (ay > y) ≠ (by > y) and (cross > 0) = (by > ay).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Coordinates = NDArray[np.float32]
Inside = NDArray[np.bool_]

# A freehand lasso sampled at every pixel of a large screen has a few thousand; the page simplifies
# it. Each point is compared with each edge.
MAX_VERTICES = 2000
# Beyond, products of coordinates leave float64, and no map reaches float32's limits.
_LARGEST = 1e38
# PostgreSQL refuses products too small for float64. Nothing on a screen is this small: it is 0.
_SMALLEST = 1e-100


class RegionError(ValueError):
    """A region is not well formed; `part` says where, the message what is expected."""

    def __init__(self, part: str, message: str) -> None:
        self.part = part
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Rectangle:
    """An upright rectangle with its edges."""

    x0: float
    y0: float
    x1: float
    y1: float

    def contains(self, x: Coordinates, y: Coordinates) -> Inside:
        """Which of n points lie inside: shape (n,)."""
        x64, y64 = x.astype(np.float64), y.astype(np.float64)
        inside: Inside = (x64 >= self.x0) & (x64 <= self.x1) & (y64 >= self.y0) & (y64 <= self.y1)
        return inside

    def to_json(self) -> dict[str, Any]:
        """As it was parsed from."""
        return {"rectangle": [self.x0, self.y0, self.x1, self.y1]}


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed line with what it encloses; `vertices` are at least three (x, y)."""

    vertices: tuple[tuple[float, float], ...]

    @property
    def bounds(self) -> Rectangle:
        """The smallest rectangle around it."""
        xs, ys = zip(*self.vertices, strict=True)
        return Rectangle(min(xs), min(ys), max(xs), max(ys))

    def edges(self) -> list[tuple[float, float, float, float]]:
        """Each edge as ax, ay, bx, by."""
        following = self.vertices[1:] + self.vertices[:1]
        return [(*start, *end) for start, end in zip(self.vertices, following, strict=True)]

    def contains(self, x: Coordinates, y: Coordinates) -> Inside:
        """Which of n points lie inside: shape (n,)."""
        inside = self.bounds.contains(x, y)
        near = np.flatnonzero(inside)
        inside[near] = self._holds(x[near].astype(np.float64), y[near].astype(np.float64))
        return inside

    def _holds(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Inside:
        on_edge = np.zeros(len(x), dtype=bool)
        odd = np.zeros(len(x), dtype=bool)
        for ax, ay, bx, by in self.edges():
            cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            between = (
                (x >= min(ax, bx)) & (x <= max(ax, bx)) & (y >= min(ay, by)) & (y <= max(ay, by))
            )
            on_edge |= (cross == 0) & between
            odd ^= ((ay > y) != (by > y)) & ((cross > 0) == (by > ay))
        return on_edge | odd

    def to_json(self) -> dict[str, Any]:
        """As it was parsed from."""
        return {"polygon": [list(vertex) for vertex in self.vertices]}


Region = Rectangle | Polygon


def parse_region(value: Any) -> Region:
    """Read {"rectangle": [x0, y0, x1, y1]} or {"polygon": [[x, y], …]}.

    The corners of a rectangle may come in any order.

    Raises:
        RegionError: it is neither, or a coordinate is not a finite number.
    """
    if not isinstance(value, dict) or ("rectangle" in value) == ("polygon" in value):
        raise RegionError("", "Give either a rectangle or a polygon.")
    if "rectangle" in value:
        x0, y0, x1, y1 = _numbers(value["rectangle"], 4, "rectangle")
        return Rectangle(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    vertices = value["polygon"]
    if not isinstance(vertices, list) or not 3 <= len(vertices) <= MAX_VERTICES:
        raise RegionError("polygon", f"A polygon is a list of 3 to {MAX_VERTICES} vertices.")
    pairs = [_numbers(vertex, 2, f"polygon.{i}") for i, vertex in enumerate(vertices)]
    return Polygon(tuple((x, y) for x, y in pairs))


def _numbers(value: Any, count: int, part: str) -> list[float]:
    if not isinstance(value, list | tuple) or len(value) != count:
        raise RegionError(part, f"Give a list of {count} numbers.")
    return [_number(number, part) for number in value]


def _number(value: Any, part: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RegionError(part, "A coordinate is a number.")
    # NaN fails every comparison; integers may be too large for a float.
    if not abs(value) <= _LARGEST:
        raise RegionError(part, "A coordinate is a finite number.")
    return float(value) if abs(value) >= _SMALLEST else 0.0
