"""Distances of a search as a column for the points of a map."""

from typing import Any

import numpy as np
import pytest
from django.test import Client
from numpy.typing import NDArray

from accounts.models import User
from embeddings.search.distance import distances
from folders.choices import Metric
from folders.models import Folder
from tests.embeddings.mapping import make_map, read_frame
from tests.embeddings.maps.conftest import SmallMap
from tests.embeddings.worlds import make_key, put, stored


def ask(
    client: Client, small_map: SmallMap, **body: Any
) -> tuple[dict[str, Any], NDArray[np.float32]]:
    response = client.post(f"{small_map.address}distances/", body, "application/json")
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/vnd.kindred.map"
    magic, header, columns = read_frame(response.content)
    assert (magic, header["type"], header["field"]) == ("KCOL", "number", "distance")
    assert header["mark"] == client.get(small_map.address).json()["points"]["mark"]
    return header, columns["value"]


def test_map_distances__follow_the_rows_of_the_map(
    small_map: SmallMap, birds: Folder, client: Client, outsider: User, viewer: User
) -> None:
    # Ordinals against the order of ids.
    turned = small_map.units[::-1]
    reduction = make_map(birds, small_map.key, turned, [(0, 0)] * 6, version=2)
    turned_map = SmallMap(reduction, small_map.key, turned)
    client.force_login(outsider)
    address = f"{turned_map.address}distances/"
    assert client.post(address, {"unit": turned[0]}, "application/json").status_code == 404
    client.force_login(viewer)

    header, values = ask(client, turned_map, unit=turned[1])

    vectors = stored(small_map.key)
    rows = np.array([vectors[unit] for unit in turned])
    expected = distances(vectors[turned[1]], rows, Metric.COSINE)
    assert values[:6] == pytest.approx(expected, abs=1e-5)
    assert header["min"] == pytest.approx(0.0, abs=1e-5)
    assert (header["max"], header["missing"]) == (pytest.approx(expected.max(), abs=1e-5), 0)


def test_map_distances__of_a_part_know_nothing_of_the_rest(
    small_map: SmallMap, client: Client, night_viewer: User
) -> None:
    client.force_login(night_viewer)

    header, values = ask(client, small_map, unit=small_map.units[4])

    assert header["missing"] == 0
    assert len(values) == 2
    address = f"{small_map.address}distances/"
    hidden = client.post(address, {"unit": small_map.units[0]}, "application/json")
    assert hidden.status_code == 404


def test_map_distances__under_another_key_leave_units_without_a_vector_out(
    small_map: SmallMap, birds: Folder, client: Client, viewer: User
) -> None:
    other = make_key(birds, metric=Metric.L2, dimensions=2)
    put(other, {small_map.units[1]: (3, 4), small_map.units[4]: (0, 1)})
    client.force_login(viewer)

    header, values = ask(client, small_map, key=other.name, vector=[0, 0])

    assert header["missing"] == 4
    assert values[[1, 4]] == pytest.approx([5, 1], abs=1e-5)
    assert np.isnan(values[[0, 2, 3, 5]]).all()


def test_map_distances__refuse_examples_that_make_no_query(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    address = f"{small_map.address}distances/"

    for body, status in (
        ({}, 400),
        ({"vector": [1, 2]}, 400),
        ({"vector": [0, 0, 0]}, 400),
        ({"unit": small_map.units[0], "key": "nothing"}, 404),
    ):
        assert client.post(address, body, "application/json").status_code == status, body
    stale = client.post(f"{address}?mark=old", {"unit": small_map.units[0]}, "application/json")
    assert (stale.status_code, stale.json()["code"]) == (409, "map_changed")
