"""The picture of a map over REST: cut by what one sees, kept by browsers and by the server."""

import io
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from numpy.typing import NDArray
from PIL import Image

from accounts.models import User
from embeddings.maps.density import Picture, Scheme, density_picture
from folders.models import Unit
from tests.embeddings.maps.conftest import POINTS, SmallMap


@pytest.fixture(autouse=True)
def _cache(settings: LazySettings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def bounds(response: Any) -> list[float]:
    return [float(part) for part in response["X-Kindred-Bounds"].split(",")]


def test_picture__shows_who_sees_what(
    small_map: SmallMap, client: Client, outsider: User, viewer: User, night_viewer: User
) -> None:
    address = reverse("map-picture", args=[small_map.reduction.pk])
    client.force_login(outsider)
    assert client.get(address).status_code == 404

    client.force_login(viewer)
    whole = client.get(address)
    client.force_login(night_viewer)
    part = client.get(address)

    for response, points in ((whole, POINTS), (part, POINTS[4:])):
        assert (response.status_code, response["Content-Type"]) == (200, "image/png")
        left, bottom, right, top = bounds(response)
        x, y = np.array(points).T
        assert left < x.min() <= x.max() < right
        assert bottom < y.min() <= y.max() < top
        assert Image.open(io.BytesIO(response.content)).format == "PNG"
    assert bounds(part)[0] > bounds(whole)[0]


def test_picture__is_drawn_once_for_each_scheme_and_anew_when_points_go(
    small_map: SmallMap, client: Client, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(viewer)
    address = reverse("map-picture", args=[small_map.reduction.pk])
    drawn: list[str] = []

    def draw(points: NDArray[np.float32], scheme: Scheme) -> Picture:
        drawn.append(scheme)
        return density_picture(points, scheme)

    monkeypatch.setattr("embeddings.maps.still.density_picture", draw)
    mark = client.get(small_map.address).json()["points"]["mark"]
    query = {"scheme": "dark", "mark": mark}

    first = client.get(address, query)
    assert client.get(address, query).content == first.content
    assert "immutable" in first["Cache-Control"]
    assert "no-cache" in client.get(address)["Cache-Control"]
    assert drawn == ["dark", "light"]
    known = client.get(address, query, headers={"If-None-Match": first["ETag"]})
    assert known.status_code == 304

    Unit.objects.filter(pk=small_map.units[0]).delete()
    refused = client.get(address, query)
    assert (refused.status_code, refused.json()["code"]) == (409, "map_changed")
    assert client.get(address).content != first.content
    assert drawn == ["dark", "light", "light"]


def test_picture__refuses_another_scheme(small_map: SmallMap, client: Client, viewer: User) -> None:
    client.force_login(viewer)

    response = client.get(
        reverse("map-picture", args=[small_map.reduction.pk]), {"scheme": "sepia"}
    )

    assert (response.status_code, response.json()["errors"][0]["path"]) == (400, "scheme")
