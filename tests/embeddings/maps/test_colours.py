"""Columns that colour the points of a map."""

from typing import Any

import numpy as np
import pytest
from django.test import Client
from numpy.typing import NDArray

from accounts.models import User
from embeddings.maps import colours
from folders.models import Folder, Unit
from tests.embeddings.mapping import read_frame
from tests.embeddings.maps.conftest import SmallMap
from tests.factories import FolderFactory


def ask(client: Client, small_map: SmallMap, field: str) -> tuple[dict[str, Any], NDArray[Any]]:
    response = client.get(f"{small_map.address}colours/", {"field": field})
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/vnd.kindred.map"
    magic, header, columns = read_frame(response.content)
    assert (magic, header["field"]) == ("KCOL", field)
    assert header["mark"] == client.get(small_map.address).json()["points"]["mark"]
    (column,) = columns.values()
    return header, column


def test_colours__of_an_enum_come_by_falling_count(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    header, codes = ask(client, small_map, "metadata.label")

    assert header["type"] == "category"
    assert header["labels"] == header["values"] == ["gull", "owl", "tern"]
    assert header["counts"] == [2, 2, 1]
    assert (header["missing"], header["other"]) == (1, None)
    assert codes.dtype == np.uint8
    assert codes[:6].tolist() == [0, 1, 0, 255, 1, 2]


def test_colours__of_a_part_know_nothing_of_the_rest(
    small_map: SmallMap, client: Client, night_viewer: User
) -> None:
    client.force_login(night_viewer)

    header, codes = ask(client, small_map, "metadata.label")

    assert (header["labels"], header["counts"], header["missing"]) == (["owl", "tern"], [1, 1], 0)
    assert codes[:2].tolist() == [0, 1]


def test_colours__of_a_boolean_are_told_as_filters_take_them(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    header, codes = ask(client, small_map, "metadata.rare")

    assert (header["labels"], header["values"]) == (["True", "False"], [True, False])
    assert codes[:6].tolist() == [0, 1, 255, 0, 255, 255]


def test_colours__of_a_number_leave_other_values_out(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    header, values = ask(client, small_map, "metadata.ink")

    assert header["type"] == "number"
    assert (header["min"], header["max"], header["median"], header["missing"]) == (-2, 10, 1.5, 3)
    assert values.dtype == np.float32
    assert np.isnan(values[[2, 3, 5]]).all()
    assert values[[0, 1, 4]].tolist() == [1.5, -2, 10]


def test_colours__of_a_number_without_values_are_all_missing(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    Unit.objects.update(metadata={})
    client.force_login(viewer)

    header, values = ask(client, small_map, "metadata.ink")

    assert (header["min"], header["max"], header["median"], header["missing"]) == (
        *(None, None, None, 6),
    )
    assert np.isnan(values).all()


def test_colours__take_a_key_that_looks_like_a_number(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    header, codes = ask(client, small_map, "metadata.3")

    assert header["labels"] == ["x", "y"]
    assert codes[:6].tolist() == [0, 255, 1, 255, 255, 255]


def test_colours__of_kind_and_folder(
    small_map: SmallMap, birds: Folder, night: Folder, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    kinds, _ = ask(client, small_map, "kind")
    folders, codes = ask(client, small_map, "folder")

    assert (kinds["labels"], kinds["values"], kinds["counts"]) == (["Image"], ["image"], [6])
    assert folders["labels"] == ["Birds", "Night"]
    assert folders["values"] == [str(birds.pk), str(night.pk)]
    assert codes[:6].tolist() == [0, 0, 0, 0, 1, 1]


def test_colours__of_too_many_values_gather_the_rarer_ones(
    small_map: SmallMap, client: Client, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colours, "MAX_LABELS", 1)
    client.force_login(viewer)

    header, codes = ask(client, small_map, "metadata.label")

    assert header["labels"] == ["gull", "Other values"]
    assert header["values"] == ["gull", None]
    assert (header["counts"], header["missing"], header["other"]) == ([2, 3], 1, 1)
    assert codes[:6].tolist() == [0, 1, 0, 255, 1, 1]


@pytest.mark.parametrize("count", [254, 255, 400])
def test_colours__of_many_values_take_two_bytes(
    count: int, small_map: SmallMap, birds: Folder, client: Client, viewer: User
) -> None:
    from tests.embeddings.mapping import make_map
    from tests.embeddings.worlds import make_units

    units = make_units(birds, count)
    for place, unit in enumerate(units):
        Unit.objects.filter(pk=unit).update(metadata={"3": f"v{place:03}"})
    many = make_map(birds, small_map.key, units, [(0, 0)] * count, version=2)
    client.force_login(viewer)

    header, codes = ask(client, SmallMap(many, small_map.key, units), "metadata.3")

    assert codes.dtype == (np.uint8 if count < 255 else np.uint16)
    assert [header["labels"][code] for code in codes[:count]] == [
        f"v{place:03}" for place in range(count)
    ]


@pytest.mark.parametrize("field", ["", "size", "metadata.", "metadata.unknown", "metadata.note"])
def test_colours__refuse_fields_without_colours(
    field: str, small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    response = client.get(f"{small_map.address}colours/", {"field": field})

    assert (response.status_code, response.json()["errors"][0]["path"]) == (400, "field")


def test_colours__of_a_map_without_points(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    Unit.objects.all().delete()
    client.force_login(viewer)

    category, codes = ask(client, small_map, "metadata.label")
    number, values = ask(client, small_map, "metadata.ink")

    assert (category["labels"], category["missing"], len(codes)) == ([], 0, 0)
    assert (number["min"], len(values)) == (None, 0)


def test_colours__of_folders_do_not_name_those_that_are_not_seen(
    small_map: SmallMap, night: Folder, client: Client, viewer: User, night_viewer: User
) -> None:
    deep = FolderFactory.create(parent=night, name="Deep")
    Unit.objects.filter(pk=small_map.units[-1]).update(folder=deep)
    night_viewer.folder_grants.update(folder=deep)

    client.force_login(night_viewer)
    assert ask(client, small_map, "folder")[0]["labels"] == ["Deep"]

    client.force_login(viewer)
    assert "Night/Deep" in ask(client, small_map, "folder")[0]["labels"]
