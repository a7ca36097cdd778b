"""What the tests ask the REST API, to check pages against it."""

import json
import struct
import time
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import APIRequestContext

JSON = "application/json"
_OPEN = ("queued", "running")


def get(api: APIRequestContext, path: str, **query: str | float | bool) -> Any:
    """Return the JSON of an address."""
    answer = api.get(f"/api/v1{path}", params=query)
    assert answer.ok, f"{answer.status} {answer.text()}"
    return answer.json()


def post(api: APIRequestContext, path: str, body: object) -> Any:
    """Send JSON and return JSON."""
    answer = api.post(f"/api/v1{path}", data=json.dumps(body), headers={"Content-Type": JSON})
    assert answer.ok, f"{answer.status} {answer.text()}"
    return answer.json()


def wait_for_jobs(api: APIRequestContext, seconds: float = 180.0) -> None:
    """Wait until no job waits or runs."""
    deadline = time.monotonic() + seconds
    while open_ := [one for one in get(api, "/jobs/")["results"] if one["state"] in _OPEN]:
        assert time.monotonic() < deadline, open_
        time.sleep(0.5)


def units_by_name(api: APIRequestContext, folder: str) -> dict[str, int]:
    """Ids of a root folder's units by the names of their items."""
    return {unit["name"]: unit["id"] for unit in units(api, folder)}


def units(api: APIRequestContext, folder: str, **query: str | float | bool) -> list[Any]:
    """All units that a state of the Explorer shows, page after page."""
    found: list[Any] = []
    page = get(api, f"/folders/{folder}/units/", **query)
    found += page["results"]
    while page["next_cursor"]:
        page = get(api, f"/folders/{folder}/units/", cursor=page["next_cursor"], **query)
        found += page["results"]
    return found


def map_points(
    api: APIRequestContext, reduction: str
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint32]]:
    """Coordinates (n, 2) and ordinals (n,) of a map, read from its payload."""
    answer = api.get(f"/api/v1/maps/{reduction}/payload/")
    assert answer.ok, f"{answer.status} {answer.text()}"
    data = answer.body()
    assert data[:4] == b"KMAP"
    (length,) = struct.unpack_from("<I", data, 4)
    header = json.loads(data[8 : 8 + length])
    columns = {}
    for column in header["columns"]:
        start = 8 + length + column["offset"]
        columns[column["name"]] = np.frombuffer(
            data, dtype=column["type"], count=header["count"], offset=start
        )
    return np.stack([columns["x"], columns["y"]], axis=1), columns["ordinal"]
