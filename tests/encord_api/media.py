"""Items for the tests of the live server, brought in over REST."""

import io
import time
from typing import Any
from uuid import UUID

from tests.encord_api.conftest import Person

SECONDS = 60.0


def upload(person: Person, folder: UUID, name: str, content: bytes, **data: str) -> UUID:
    """Upload a file, and wait until a worker has read it."""
    files = {"file": (name, io.BytesIO(content))}
    made = person.rest("POST", f"folders/{folder}/items/", files=files, data=data)
    assert made.status_code == 201, made.text
    item = made.json()["id"]
    deadline = time.monotonic() + SECONDS
    while (found := person.rest("GET", f"items/{item}/").json())["state"] != "ready":
        assert found["state"] == "processing", found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return UUID(item)


def group(person: Person, folder: UUID, kind: str, name: str, items: list[UUID]) -> UUID:
    """Make images the parts of a group or sequence."""
    body: dict[str, Any] = {"kind": kind, "name": name, "items": [str(one) for one in items]}
    made = person.rest("POST", f"folders/{folder}/groups/", json=body)
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])
