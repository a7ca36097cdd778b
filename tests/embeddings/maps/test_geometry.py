"""Regions and which points lie in them."""

from typing import Any

import numpy as np
import pytest

from embeddings.maps.geometry import (
    MAX_VERTICES,
    Polygon,
    Rectangle,
    Region,
    RegionError,
    parse_region,
)


def holds(region: Region, *points: tuple[float, float]) -> list[bool]:
    xy = np.array(points, dtype=np.float32).reshape(-1, 2)
    return [bool(one) for one in region.contains(xy[:, 0], xy[:, 1])]


def test_rectangle__holds_its_edges_and_corners() -> None:
    region = Rectangle(0, 0, 2, 1)

    assert holds(region, (1, 0.5), (0, 0), (2, 1), (0, 0.5), (1, 1)) == [True] * 5
    assert holds(region, (-0.1, 0.5), (1, 1.1), (2.1, 1), (5, 5)) == [False] * 4


def test_rectangle__compares_the_float32_number_not_its_decimal_form() -> None:
    # float32(0.1) is 0.100000001490…: beyond an edge at 0.1.
    assert holds(Rectangle(0, 0, 0.1, 1), (0.1, 0.5)) == [False]
    assert holds(Rectangle(0.1, 0, 1, 1), (0.1, 0.5)) == [True]
    assert holds(Rectangle(0, 0, float(np.float32(0.1)), 1), (0.1, 0.5)) == [True]


def test_polygon__holds_its_edges_and_vertices() -> None:
    triangle = Polygon(((0, 0), (4, 0), (0, 4)))

    assert holds(triangle, (1, 1), (0, 0), (4, 0), (2, 0), (2, 2), (0, 3)) == [True] * 6
    assert holds(triangle, (3, 3), (-1, 0), (5, 0), (2.1, 2)) == [False] * 4


def test_polygon__in_either_direction_is_the_same() -> None:
    corners = ((0.0, 0.0), (4.0, 1.0), (3.0, 3.0), (1.0, 4.0))
    points = np.random.default_rng(1).uniform(-1, 5, size=(500, 2)).astype(np.float32)

    forward = Polygon(corners).contains(points[:, 0], points[:, 1])
    backward = Polygon(corners[::-1]).contains(points[:, 0], points[:, 1])

    assert (forward == backward).all()
    assert 0 < forward.sum() < 500


def test_polygon__of_a_rectangle_is_that_rectangle() -> None:
    points = np.random.default_rng(1).integers(-3, 4, size=(500, 2)).astype(np.float32)
    region = Polygon(((-1, -2), (2, -2), (2, 1), (-1, 1)))

    inside = region.contains(points[:, 0], points[:, 1])

    assert (inside == Rectangle(-1, -2, 2, 1).contains(points[:, 0], points[:, 1])).all()


def test_polygon__with_a_dent_leaves_the_dent_out() -> None:
    dented = Polygon(((0, 0), (4, 0), (4, 4), (2, 1), (0, 4)))

    assert holds(dented, (2, 0.5), (0.5, 3), (3.5, 3), (2, 3)) == [True, True, True, False]


def test_polygon__what_is_enclosed_twice_is_outside() -> None:
    star = Polygon(((0, 3), (1.8, -2.4), (-2.9, 0.9), (2.9, 0.9), (-1.8, -2.4)))

    assert holds(star, (0, 0), (0, 2), (0, 3)) == [False, True, True]


def test_polygon__rays_through_vertices_count_once() -> None:
    diamond = Polygon(((0, -1), (1, 0), (0, 1), (-1, 0)))

    assert holds(diamond, (-2, 0), (0, 0), (-0.5, 0), (2, 0), (-2, 1)) == [
        *(False, True, True, False, False)
    ]


def test_polygon__without_area_holds_its_line() -> None:
    line = Polygon(((0, 0), (2, 2), (4, 4)))

    assert holds(line, (1, 1), (3, 3), (1, 2), (5, 5)) == [True, True, False, False]


def test_contains__of_no_points_is_empty() -> None:
    assert holds(Rectangle(0, 0, 1, 1)) == []
    assert holds(Polygon(((0, 0), (1, 0), (0, 1)))) == []


def test_parse_region__orders_the_corners_of_a_rectangle() -> None:
    assert parse_region({"rectangle": [3, 4, 1, 2]}) == Rectangle(1, 2, 3, 4)


@pytest.mark.parametrize(
    "value",
    [{"rectangle": [0.0, 1.0, 2.5, 3.0]}, {"polygon": [[0.0, 0.0], [1.0, 0.5], [0.0, 1.0]]}],
)
def test_parse_region__comes_back_as_json(value: dict[str, Any]) -> None:
    assert parse_region(value).to_json() == value


def test_parse_region__takes_what_is_too_small_for_zero() -> None:
    assert parse_region({"rectangle": [1e-300, -1e-200, 1, 1]}) == Rectangle(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (None, ""),
        ([], ""),
        ({}, ""),
        ({"circle": [0, 0, 1]}, ""),
        ({"rectangle": [0, 0, 1, 1], "polygon": []}, ""),
        ({"rectangle": [0, 0, 1]}, "rectangle"),
        ({"rectangle": "0,0,1,1"}, "rectangle"),
        ({"rectangle": [0, 0, 1, "1"]}, "rectangle"),
        ({"rectangle": [0, 0, 1, True]}, "rectangle"),
        ({"rectangle": [0, 0, 1, float("nan")]}, "rectangle"),
        ({"rectangle": [0, 0, 1, float("inf")]}, "rectangle"),
        ({"rectangle": [0, 0, 1, 10**40]}, "rectangle"),
        ({"polygon": [[0, 0], [1, 1]]}, "polygon"),
        ({"polygon": [[0, 0]] * (MAX_VERTICES + 1)}, "polygon"),
        ({"polygon": [[0, 0], [1, 1], [2]]}, "polygon.2"),
        ({"polygon": [[0, 0], [1, None], [2, 2]]}, "polygon.1"),
    ],
)
def test_parse_region__refuses_with_the_place(value: Any, part: str) -> None:
    with pytest.raises(RegionError) as refused:
        parse_region(value)

    assert refused.value.part == part
