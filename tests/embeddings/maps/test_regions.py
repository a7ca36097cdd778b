"""Regions in SQL agree with regions in numpy on every stored point."""

import numpy as np
import pytest

from embeddings.maps.geometry import Polygon, Rectangle, Region
from embeddings.maps.regions import points_inside
from embeddings.models import ReductionPoint
from folders.models import Folder
from tests.embeddings.mapping import make_map
from tests.embeddings.worlds import make_key, make_units

# A grid whose points meet edges and vertices, decimals that float32 cannot hold, and extremes.
GRID = [(x / 4, y / 4) for x in range(-8, 9) for y in range(-8, 9)]
ODD = [(0.1, 0.2), (0.3, -0.7), (1 / 3, 2 / 3), (-1.1, 1.9), (1e-30, -1e-30), (3e38, -3e38)]
RANDOM = [(float(x), float(y)) for x, y in np.random.default_rng(5).normal(0, 1.5, size=(300, 2))]
POINTS = [*GRID, *ODD, *RANDOM]

REGIONS: list[Region] = [
    Rectangle(-1, -1, 1, 1),
    Rectangle(0.1, 0.2, 0.1, 0.2),
    Rectangle(float(np.float32(0.1)), float(np.float32(0.2)), 1, 1),
    Rectangle(-0.7, -2, 0.3, 2),
    Rectangle(-1e38, -1e38, 1e38, 1e38),
    Polygon(((0, 0), (1, 0), (0, 1))),
    Polygon(((-1, -1), (1, -1), (1, 1), (-1, 1))),
    Polygon(((0, -2), (2, 0), (0, 2), (-2, 0))),
    Polygon(((0, 3), (1.8, -2.4), (-2.9, 0.9), (2.9, 0.9), (-1.8, -2.4))),
    Polygon(((-2, -2), (0, 0), (2, 2))),
    Polygon(((0.1, 0.1), (0.7, 0.3), (1 / 3, 1.7), (-0.9, 0.6), (0.1, 0.1))),
    Polygon(tuple((float(x), float(y)) for x, y in np.random.default_rng(9).normal(size=(60, 2)))),
    Polygon(((1e-99, 0), (1, 1e-99), (0, 1))),
    Polygon(((-1e38, -1e38), (1e38, -1e38), (0, 1e38))),
]


@pytest.mark.parametrize("region", REGIONS, ids=lambda region: type(region).__name__)
def test_points_inside__are_those_that_numpy_finds(region: Region, birds: Folder) -> None:
    unit_ids = make_units(birds, len(POINTS))
    reduction = make_map(birds, make_key(birds), unit_ids, POINTS)
    x, y = np.array(POINTS, dtype=np.float32).T

    points = ReductionPoint.objects.filter(reduction=reduction)
    found = set(points_inside(points, region).values_list("ordinal", flat=True))

    assert found == set(np.flatnonzero(region.contains(x, y)).tolist())


def test_points__come_back_to_the_bit(birds: Folder) -> None:
    reduction = make_map(birds, make_key(birds), make_units(birds, len(POINTS)), POINTS)

    rows = ReductionPoint.objects.filter(reduction=reduction).order_by("ordinal")

    stored = np.array(rows.values_list("x", "y"))
    assert (stored == np.array(POINTS, dtype=np.float32).astype(np.float64)).all()
    assert ReductionPoint.objects.filter(reduction=reduction, x=float(np.float32(0.1))).count() == 1
