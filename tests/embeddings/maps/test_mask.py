"""Which rows of a payload match a filter."""

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from folders import filters
from folders.filters import Tree
from folders.models import Unit
from tests.embeddings.mapping import read_frame, read_mask
from tests.embeddings.maps.conftest import POINTS, SmallMap


def ask(
    client: Client, small_map: SmallMap, tree: Tree | None, **query: str
) -> tuple[list[bool], int]:
    if tree is not None:
        query["filter"] = filters.encode(filters.parse(tree))
    response = client.get(f"{small_map.address}mask/", query)
    assert response.status_code == 200, response.content
    _, header, _ = read_frame(client.get(f"{small_map.address}payload/").content)
    assert response["X-Kindred-Mark"] == header["mark"]
    return read_mask(response.content, header["count"]), int(response["X-Kindred-Count"])


def within(small_map: SmallMap, **region: object) -> Tree:
    value = {"reduction": str(small_map.reduction.pk), **region}
    return {"field": "map", "op": "within", "value": value}


def test_mask__without_a_filter_is_all_rows(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    assert ask(client, small_map, None) == ([True] * 6, 6)


def test_mask__has_a_bit_for_each_row_that_matches(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    gulls = {"field": "metadata.label", "op": "in", "value": ["gull"]}

    assert ask(client, small_map, gulls) == ([True, False, True, False, False, False], 2)
    assert ask(client, small_map, {"any": []}) == ([False] * 6, 0)


def test_mask__of_a_part_has_the_rows_of_that_part(
    small_map: SmallMap, client: Client, night_viewer: User
) -> None:
    client.force_login(night_viewer)

    owls = {"field": "metadata.label", "op": "eq", "value": "owl"}

    assert ask(client, small_map, owls) == ([True, False], 1)


@pytest.mark.parametrize(
    "region",
    [
        {"rectangle": [-2, -1, 1, 1]},
        {"rectangle": [0.1, 0, 1, 5]},
        {"rectangle": [3, -1, 3, -1]},
        {"polygon": [[-3, 0], [2, 0], [2, 5], [-3, 5]]},
        {"polygon": [[1, 1], [3, -1], [-0.5, -3.5]]},
    ],
)
def test_mask__of_a_region_agrees_with_the_payload_and_the_units(
    region: dict[str, object], small_map: SmallMap, client: Client, viewer: User
) -> None:
    from embeddings.maps.geometry import parse_region

    client.force_login(viewer)
    x, y = np.array(POINTS, dtype=np.float32).T
    expected = parse_region(region).contains(x, y).tolist()

    bits, count = ask(client, small_map, within(small_map, **region))

    assert (bits, count) == (expected, sum(expected))
    assert count > 0


def test_mask__refuses_the_rows_of_another_payload(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    mark = client.get(small_map.address).json()["points"]["mark"]
    assert client.get(f"{small_map.address}mask/", {"mark": mark}).status_code == 200

    Unit.objects.filter(pk=small_map.units[0]).delete()

    refused = client.get(f"{small_map.address}mask/", {"mark": mark})
    assert (refused.status_code, refused.json()["code"]) == (409, "map_changed")
    assert ask(client, small_map, None) == ([True] * 5, 5)


def test_mask__refuses_a_damaged_filter(small_map: SmallMap, client: Client, viewer: User) -> None:
    client.force_login(viewer)

    response = client.get(f"{small_map.address}mask/", {"filter": "zzz"})

    assert (response.status_code, response.json()["code"]) == (400, "invalid_filter")
