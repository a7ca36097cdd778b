"""The points of a map: their binary form, who gets which, and how long they may be kept."""

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from embeddings.maps.framing import encode_frame
from embeddings.models import Reduction
from folders.models import Folder, Unit
from tests.embeddings.mapping import make_map, read_frame
from tests.embeddings.maps.conftest import POINTS, SmallMap
from tests.embeddings.worlds import make_key, make_units


def test_encode_frame__aligns_every_column() -> None:
    data = encode_frame(
        b"KCOL",
        {"type": "category", "name": "ö" * 3},
        {
            "code": np.array([1, 2, 255], dtype=np.uint8),
            "wide": np.array([1, 2, 65535], dtype=np.uint16),
            "value": np.array([1.5, np.nan, -1], dtype=">f4"),
        },
    )

    magic, header, columns = read_frame(data)
    assert magic == "KCOL"
    assert header["name"] == "ööö"
    assert [column["offset"] for column in header["columns"]] == [0, 4, 12]
    assert columns["code"][:3].tolist() == [1, 2, 255]
    assert columns["wide"][:3].tolist() == [1, 2, 65535]
    assert columns["value"][0] == 1.5
    assert np.isnan(columns["value"][1])


def test_payload__is_refused_to_who_sees_nothing_of_the_root(
    small_map: SmallMap, client: Client, outsider: User, member: User, viewer: User
) -> None:
    assert client.get(f"{small_map.address}payload/").status_code == 401
    for user in (outsider, member):
        client.force_login(user)
        for part in ("", "payload/", "mask/", "colours/?field=kind", "points/0/"):
            assert client.get(small_map.address + part).status_code == 404
    client.force_login(viewer)
    assert client.get(f"{small_map.address}payload/").status_code == 200


def test_payload__holds_the_stored_points_to_the_bit(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)

    response = client.get(f"{small_map.address}payload/")

    assert response["Content-Type"] == "application/vnd.kindred.map"
    magic, header, columns = read_frame(response.content)
    assert (magic, header["version"], header["count"]) == ("KMAP", 1, 6)
    assert header["reduction"] == str(small_map.reduction.pk)
    assert header["bounds"] == [-2, -3.5, 3, 4]
    assert [(c["name"], c["type"]) for c in header["columns"]] == [
        ("x", "float32"),
        ("y", "float32"),
        ("ordinal", "uint32"),
    ]
    expected = np.array(POINTS, dtype=np.float32)
    assert (columns["x"] == expected[:, 0]).all()
    assert (columns["y"] == expected[:, 1]).all()
    assert columns["ordinal"].tolist() == [0, 1, 2, 3, 4, 5]


def test_payload__of_a_part_holds_points_and_bounds_of_that_part_only(
    small_map: SmallMap, client: Client, night_viewer: User
) -> None:
    client.force_login(night_viewer)

    _, header, columns = read_frame(client.get(f"{small_map.address}payload/").content)
    detail = client.get(small_map.address).json()

    assert header["count"] == 2
    assert header["bounds"] == [-0.5, -3.5, 1, 1]
    assert columns["ordinal"].tolist() == [4, 5]
    assert detail["points"]["count"] == 2
    assert detail["points"]["bounds"] == header["bounds"]
    assert detail["points"]["coverage"]["units"] == 2
    assert "point_count" not in detail


def test_payload__marks_of_whole_and_part_differ(
    small_map: SmallMap, client: Client, viewer: User, night_viewer: User
) -> None:
    marks = []
    for user in (viewer, night_viewer):
        client.force_login(user)
        marks.append(client.get(small_map.address).json()["points"]["mark"])

    assert marks[0] != marks[1]
    # Somebody else's address is of no use.
    other = client.get(f"{small_map.address}payload/?mark={marks[0]}")
    assert (other.status_code, other.json()["code"]) == (409, "map_changed")


def test_payload__without_points_is_a_payload(birds: Folder, client: Client, viewer: User) -> None:
    reduction = make_map(birds, make_key(birds), [], [])
    client.force_login(viewer)

    response = client.get(f"/api/v1/maps/{reduction.pk}/payload/")

    _, header, columns = read_frame(response.content)
    assert (header["count"], header["bounds"]) == (0, [0, 0, 0, 0])
    assert all(len(column) == 0 for column in columns.values())


def test_payload__is_kept_for_ever_under_its_own_address_only(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    address = client.get(small_map.address).json()["points"]["payload_url"]

    named, plain = client.get(address), client.get(f"{small_map.address}payload/")

    assert named["Cache-Control"] == "private, max-age=31536000, immutable"
    assert plain["Cache-Control"] == "private, no-cache"
    assert named["ETag"] == plain["ETag"]
    again = client.get(f"{small_map.address}payload/", headers={"If-None-Match": plain["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", plain["ETag"])


def test_payload__loses_points_of_units_that_went(
    small_map: SmallMap, boats: Folder, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    address = client.get(small_map.address).json()["points"]["payload_url"]
    etag = client.get(address)["ETag"]

    Unit.objects.filter(pk=small_map.units[1]).delete()
    Unit.objects.filter(pk=small_map.units[2]).update(folder=boats, root=boats)

    _, header, columns = read_frame(client.get(f"{small_map.address}payload/").content)
    assert header["count"] == 4
    assert columns["ordinal"].tolist() == [0, 3, 4, 5]
    assert header["bounds"] == [-2, -3.5, 1, 4]
    stale = client.get(address, headers={"If-None-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (409, "map_changed")


@pytest.mark.parametrize("state", ["pending", "running", "failed", "cancelled"])
def test_payload__of_a_map_that_is_not_finished_is_refused(
    state: str, small_map: SmallMap, client: Client, viewer: User
) -> None:
    Reduction.objects.filter(pk=small_map.reduction.pk).update(state=state)
    client.force_login(viewer)

    response = client.get(f"{small_map.address}payload/")

    assert (response.status_code, response.json()["code"]) == (409, "map_not_ready")
    assert client.get(small_map.address).json()["points"] is None


def test_payload__of_a_deleted_key_is_gone(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    small_map.key.deleted_at = small_map.key.created_at
    small_map.key.save()

    assert client.get(f"{small_map.address}payload/").status_code == 404


def test_folder_maps__lists_versions_newest_first(
    small_map: SmallMap, birds: Folder, client: Client, outsider: User, night_viewer: User
) -> None:
    newer = make_map(birds, small_map.key, make_units(birds, 1), [(0, 0)], version=2)
    client.force_login(outsider)
    assert client.get(f"/api/v1/folders/{birds.pk}/maps/").status_code == 404
    client.force_login(night_viewer)

    listed = client.get(f"/api/v1/folders/{birds.pk}/maps/").json()["results"]

    assert [entry["id"] for entry in listed] == [str(newer.pk), str(small_map.reduction.pk)]
    assert listed[0]["key"]["name"] == small_map.key.name
    assert listed[0]["state"] == "ready"


def test_map__says_its_coverage(
    small_map: SmallMap, birds: Folder, client: Client, viewer: User
) -> None:
    make_units(birds, 3)
    client.force_login(viewer)

    coverage = client.get(small_map.address).json()["points"]["coverage"]

    assert coverage == {
        "units": 9,
        "shown": 6,
        "no_vector": 3,
        "zero": 0,
        "unplaced": 0,
        "left": 0,
        "text": "6 of 9 units; 3 have no vector",
    }
