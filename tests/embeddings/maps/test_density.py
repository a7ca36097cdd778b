"""The picture of how densely points lie."""

import io
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from embeddings.maps.density import SCHEMES, Scheme, density_picture

ROOT = Path(__file__).resolve().parents[3]


def opacity(png: bytes) -> npt.NDArray[np.uint8]:
    """Of each pixel, the topmost row first."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))[:, :, 3]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_picture__has_the_accent_of_the_page(scheme: Scheme) -> None:
    tokens = (ROOT / "frontend/src/styles/tokens.css").read_text()
    found = re.search(r"--accent: light-dark\(#(\w+), #(\w+)\)", tokens)
    assert found is not None
    accent = tuple(bytes.fromhex(found[1 + SCHEMES.index(scheme)]))

    picture = density_picture(np.zeros((1, 2), np.float32), scheme)

    pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGBA"))
    height, width = pixels.shape[:2]
    assert tuple(pixels[height // 2, width // 2, :3]) == accent
    assert pixels[0, 0, 3] == 0


def test_picture__shows_points_where_they_lie_with_y_upwards() -> None:
    points = np.array([[0, 0], [40, 0], [40, 10], [40, 10.1]], dtype=np.float32)

    picture = density_picture(points, "light")
    alpha = opacity(picture.png)

    left, bottom, right, top = picture.bounds
    assert left < 0 < 40 < right
    assert bottom < 0 < 10.1 < top
    height, width = alpha.shape
    assert width / height == pytest.approx((right - left) / (top - bottom), rel=0.01)
    for x, y, there in (
        (0, 0, True),
        (40, 0, True),
        (40, 10, True),
        (0, 10, False),
        (20, 5, False),
    ):
        row = int((top - y) / (top - bottom) * height)
        column = int((x - left) / (right - left) * width)
        assert bool(alpha[row, column]) == there, (x, y)


def test_picture__is_the_more_opaque_the_more_points_lie_on_a_spot() -> None:
    crowded = np.repeat([[0.0, 0.0]], 50, axis=0)
    points = np.concatenate([crowded, [[10, 0]], [[20, 0]] * 5]).astype(np.float32)

    alpha = opacity(density_picture(points, "dark").png)

    row = alpha[alpha.shape[0] // 2]
    most, one, some = (int(part.max()) for part in (row[:400], row[600:1000], row[1200:]))
    assert 0 < one < some < most


@pytest.mark.parametrize("count", [0, 1, 3])
def test_picture__of_few_points_or_of_one_spot_is_a_picture(count: int) -> None:
    picture = density_picture(np.full((count, 2), 7, dtype=np.float32), "light")

    assert bool(opacity(picture.png).any()) == (count > 0)
    left, bottom, right, top = picture.bounds
    assert right > left
    assert top > bottom
