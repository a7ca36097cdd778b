"""The payload of a map in parts: what never changes, what is gone, who gets which."""

import gzip
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from numpy.typing import NDArray

from accounts.models import User
from embeddings.models import MapPart, MapSeen, Reduction, ReductionPoint
from embeddings.services import placement
from embeddings.services.vectors import write_vectors
from folders.models import Folder, Unit
from tests.embeddings.mapping import make_map, read_frame, read_mask
from tests.embeddings.maps.conftest import POINTS, SmallMap
from tests.embeddings.worlds import make_key, make_units, put
from tests.jobs import run_jobs

Capture = Any


def manifest(client: Client, small_map: SmallMap) -> dict[str, Any]:
    response = client.get(f"{small_map.address}parts/")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def unpacked(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    magic, header, columns = read_frame(gzip.decompress(data))
    assert (magic, header["version"]) == ("KPRT", 1)
    places = np.column_stack([columns["x"], columns["y"]])
    return np.cumsum(columns["step"], dtype=np.int64), places


def shown(client: Client, told: dict[str, Any]) -> tuple[list[int], list[list[float]]]:
    """Ordinals and places as a browser puts them together."""
    frames = [unpacked(client.get(part["url"]).content) for part in told["parts"]]
    ordinals = np.concatenate([ordinals for ordinals, _ in frames])
    places = np.concatenate([places for _, places in frames])
    if told["gone_url"]:
        gone = read_mask(client.get(told["gone_url"]).content, len(ordinals))
        ordinals, places = ordinals[~np.array(gone)], places[~np.array(gone)]
    assert len(ordinals) == told["count"]
    return ordinals.tolist(), places.tolist()


@pytest.fixture
def grow(
    small_map: SmallMap, birds: Folder, django_capture_on_commit_callbacks: Capture
) -> Callable[[], list[int]]:
    """Add two units with vectors and have them placed."""
    Reduction.objects.filter(pk=small_map.reduction.pk).update(placed_revision=1)

    def added() -> list[int]:
        units = make_units(birds, 2)
        values = np.array([[1, 0.2, 0.5], [1, 4, 0.5]], dtype=np.float32)
        with django_capture_on_commit_callbacks(execute=True):
            write_vectors(key=small_map.key, unit_ids=np.array(units), values=values)
        run_jobs()
        return units

    return added


def test_parts__hold_the_stored_points_to_the_bit(
    small_map: SmallMap, client: Client, outsider: User, viewer: User
) -> None:
    client.force_login(outsider)
    for part in ("parts/", "parts/0/", "gone/", "points/?ordinals=0"):
        assert client.get(small_map.address + part).status_code == 404
    client.force_login(viewer)

    told = manifest(client, small_map)

    assert [(part["first"], part["count"]) for part in told["parts"]] == [(0, 6)]
    assert (told["laid_out"], told["gone_url"], told["seen"]) == (6, "", 0)
    assert told["mark"] == client.get(small_map.address).json()["points"]["mark"]
    ordinals, places = shown(client, told)
    assert ordinals == [0, 1, 2, 3, 4, 5]
    assert places == np.array(POINTS, dtype=np.float32).tolist()


def test_parts__of_points_that_come_leave_the_base_as_it_was(
    small_map: SmallMap, client: Client, viewer: User, grow: Callable[[], list[int]]
) -> None:
    client.force_login(viewer)
    before = manifest(client, small_map)
    base = client.get(before["parts"][0]["url"])
    listed = client.get(f"{small_map.address}parts/")

    grow()

    after = client.get(f"{small_map.address}parts/", headers={"If-None-Match": listed["ETag"]})
    assert after.status_code == 200
    told = after.json()
    assert told["mark"] != before["mark"]
    assert told["parts"][0] == before["parts"][0]
    assert [(part["first"], part["count"]) for part in told["parts"]] == [(0, 6), (6, 2)]
    again = client.get(told["parts"][0]["url"])
    assert again.content == base.content
    assert again["ETag"] == base["ETag"]
    assert told["gone_url"] == ""
    assert shown(client, told)[0] == list(range(8))


def test_parts__of_points_that_went_change_the_bitmap_alone(
    small_map: SmallMap, client: Client, viewer: User, grow: Callable[[], list[int]]
) -> None:
    grow()
    client.force_login(viewer)
    before = manifest(client, small_map)

    Unit.objects.filter(pk=small_map.units[1]).delete()

    after = manifest(client, small_map)
    assert after["parts"] == before["parts"]
    assert after["gone_url"] != ""
    bits = client.get(after["gone_url"])
    assert read_mask(bits.content, 8) == [row == 1 for row in range(8)]
    assert bits["Cache-Control"] == "private, max-age=31536000, immutable"
    assert shown(client, after)[0] == [0, 2, 3, 4, 5, 6, 7]


def test_parts__of_a_changed_vector_are_a_point_that_went_and_one_that_came(
    small_map: SmallMap,
    client: Client,
    viewer: User,
    grow: Callable[[], list[int]],
    django_capture_on_commit_callbacks: Capture,
) -> None:
    grow()
    client.force_login(viewer)
    with django_capture_on_commit_callbacks(execute=True):
        put(small_map.key, {small_map.units[0]: (1.0, 5, 0.5)})
    run_jobs()

    told = manifest(client, small_map)

    assert [part["first"] for part in told["parts"]] == [0, 6, 8]
    assert shown(client, told)[0] == [1, 2, 3, 4, 5, 6, 7, 8]
    point = ReductionPoint.objects.get(reduction=small_map.reduction, ordinal=8)
    assert point.unit_id == small_map.units[0]


def test_parts__of_who_sees_a_part_tell_of_no_other_point(
    small_map: SmallMap,
    client: Client,
    viewer: User,
    night_viewer: User,
    grow: Callable[[], list[int]],
) -> None:
    grow()
    client.force_login(viewer)
    whole = manifest(client, small_map)
    client.force_login(night_viewer)

    told = manifest(client, small_map)

    assert [(part["first"], part["count"]) for part in told["parts"]] == [(0, 2)]
    assert shown(client, told) == ([4, 5], np.array(POINTS[4:], dtype=np.float32).tolist())
    # Another's address is of no use, and neither is the bitmap.
    other = client.get(whole["parts"][0]["url"])
    assert (other.status_code, other.json()["code"]) == (409, "map_changed")
    assert client.get(f"{small_map.address}gone/").content == b""
    # What came where he does not look leaves his parts as they were.
    grow()
    assert manifest(client, small_map)["parts"] == told["parts"]


def test_part__is_kept_for_ever_under_its_own_address_only(
    small_map: SmallMap, client: Client, viewer: User
) -> None:
    client.force_login(viewer)
    address = manifest(client, small_map)["parts"][0]["url"]

    named, plain = client.get(address), client.get(f"{small_map.address}parts/0/")

    assert named["Cache-Control"] == "private, max-age=31536000, immutable"
    assert plain["Cache-Control"] == "private, no-cache"
    assert (named["Content-Encoding"], named["ETag"]) == ("gzip", plain["ETag"])
    again = client.get(address, headers={"If-None-Match": named["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{small_map.address}parts/3/").status_code == 404
    stale = client.get(f"{small_map.address}parts/0/?digest=0")
    assert (stale.status_code, stale.json()["code"]) == (409, "map_changed")


def test_parts__say_that_nothing_changed(small_map: SmallMap, client: Client, viewer: User) -> None:
    client.force_login(viewer)
    etag = client.get(f"{small_map.address}parts/")["ETag"]

    again = client.get(f"{small_map.address}parts/", headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_parts__are_joined_when_there_are_many(
    small_map: SmallMap,
    client: Client,
    viewer: User,
    grow: Callable[[], list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(placement, "_MOST_SEGMENTS", 2)
    client.force_login(viewer)
    base = manifest(client, small_map)["parts"][0]
    grow()
    grow()

    told = manifest(client, small_map)

    assert [(part["first"], part["count"]) for part in told["parts"]] == [(0, 6), (6, 4)]
    assert told["parts"][0] == base
    assert shown(client, told)[0] == list(range(10))
    assert MapPart.objects.count() == 2


def test_parts__without_points_are_none(birds: Folder, client: Client, viewer: User) -> None:
    reduction = make_map(birds, make_key(birds), [], [])
    client.force_login(viewer)

    told = client.get(f"/api/v1/maps/{reduction.pk}/parts/").json()

    assert (told["count"], told["parts"], told["gone_url"]) == (0, [], "")


def test_seen__is_kept_for_each_person_and_never_falls(
    small_map: SmallMap, client: Client, outsider: User, viewer: User, night_viewer: User
) -> None:
    def put_seen(ordinal: object) -> Any:
        return client.put(f"{small_map.address}seen/", {"ordinal": ordinal}, "application/json")

    client.force_login(outsider)
    assert put_seen(3).status_code == 404
    client.force_login(viewer)

    assert put_seen(5).json() == {"ordinal": 5}
    assert put_seen(2).json() == {"ordinal": 5}
    assert put_seen(900).json() == {"ordinal": 6}
    assert put_seen(-1).status_code == 400

    assert manifest(client, small_map)["seen"] == 6
    client.force_login(night_viewer)
    assert manifest(client, small_map)["seen"] == 0
    assert MapSeen.objects.count() == 1


def test_points__give_cards_of_several(
    small_map: SmallMap, client: Client, viewer: User, night_viewer: User
) -> None:
    client.force_login(viewer)
    address = f"{small_map.address}points/?ordinals="

    cards = client.get(f"{address}5,0,99").json()["points"]

    assert [card["ordinal"] for card in cards] == [5, 0]
    assert cards[0] == client.get(f"{small_map.address}points/5/").json()
    for wrong in ("", "a", "-1", "1,,2", "9999999999"):
        assert client.get(f"{address}{wrong}").status_code == 400
    many = client.get(address + ",".join(map(str, range(101))))
    assert (many.status_code, many.json()["code"]) == (400, "too_many")
    client.force_login(night_viewer)
    seen = client.get(f"{address}5,0").json()["points"]
    assert [card["ordinal"] for card in seen] == [5]
