"""Videos of a registration that have to be read to say which frames are named."""

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from accounts.actor import Actor
from accounts.models import User
from folders.choices import ImportState, ItemState
from folders.media import decoding, operations, video
from folders.models import Folder, Item, Unit
from folders.services import frame_times, media_reading
from tests.folders.imports.files import SITE, paths, run_import
from tests.folders.media_files import video as make_video
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    """Edits Birds."""
    return actor_for(editor)


class Server:
    """Gives every address the same video, counts, and waits until two ask at a time."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[str] = []
        self.together = threading.Barrier(2, timeout=20)

    def open(self, item: Item) -> IO[bytes]:
        """As open_original."""
        self.asked.append(item.name)
        self.together.wait()
        return io.BytesIO(self.content)


def test_registration__reads_videos_several_at_a_time_and_once(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = Server(make_video(tmp_path))
    monkeypatch.setattr(frame_times, "open_original", server.open)
    entries = [
        {
            "objectUrl": f"{SITE}/{number}.mp4",
            "clientMetadata": {"$encord": {"frames": {"3": {"note": "owl"}, "99": {}}}}
            if number == 1
            else {"$encord": {"frames": {"3": {"note": "owl"}}}},
        }
        for number in range(4)
    ]
    # Names no frames: it is read later, with all others.
    entries.append({"objectUrl": f"{SITE}/plain.mp4"})

    row = run_import(actor, birds, {"videos": entries}, ignore_errors=True)

    assert (row.state, row.report["created"]) == (ImportState.DONE, 4)
    assert paths(row) == ["videos.1.clientMetadata.$encord.frames.99"]
    # By the check; the write has what the check has kept.
    assert sorted(server.asked) == [f"/{number}.mp4" for number in range(4)]
    assert Unit.objects.filter(frame=3, metadata={"note": "owl"}).count() == 3

    # Making the pictures does not walk through a file again.
    arguments: list[object] = []
    decode = decoding.decode

    def noted(file: IO[bytes], operation: str, given: dict[str, object], **more: float) -> object:
        arguments.append(given.get("timestamps"))
        return decode(file, operation, given, **more)

    monkeypatch.setattr(media_reading, "decode", noted)
    monkeypatch.setattr(media_reading, "open_original", lambda _: io.BytesIO(server.content))
    run_jobs()
    items = Item.objects.order_by("name")
    assert {(item.state, item.frame_count, item.duration) for item in items} == {
        (ItemState.READY, 30, 3.0)
    }
    assert sorted(len(given) if isinstance(given, list) else 0 for given in arguments) == [
        0,
        30,
        30,
        30,
    ]


def test_measure_video__with_known_times_measures_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = io.BytesIO(make_video(tmp_path))
    sizes = {"small": 32}
    walked, pictures = operations.measure_video(
        file, sizes=sizes, max_pixels=10**6, max_pixels_on_demand=10**6
    )

    def walk(*_: object) -> None:
        raise AssertionError("It is walked through again.")

    monkeypatch.setattr(video, "_timestamps", walk)
    file.seek(0)
    known, same = operations.measure_video(
        file,
        sizes=sizes,
        max_pixels=10**6,
        max_pixels_on_demand=10**6,
        timestamps=walked["timestamps"],
    )

    assert (known, same) == (walked, pictures)
