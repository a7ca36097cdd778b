"""Pictures on demand: of groups, sequences, frames and objects elsewhere; each is made once."""

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotFound, Unavailable
from folders.addresses import frame_picture_url, item_thumbnail_url
from folders.choices import ItemKind
from folders.media.errors import DecodersBusy
from folders.models import Folder, Item, Unit
from folders.services import pictures
from folders.services.coalescing import Coalescer
from folders.services.frame_strip import spread_frames
from folders.services.groups import group_items
from folders.services.items import upload_item
from folders.services.pictures import frame_picture, item_picture, unit_picture
from folders.services.processing import process_item
from folders.storage import thumbnail_key
from integrations.errors import ObjectUnavailable, ObjectUnreachable
from tests.factories import ItemFactory
from tests.folders.media_files import encoded, video

ActorFor = Callable[[User], Actor]
COLOURS = ("red", "lime", "blue", "yellow", "white")


def opened(content: bytes) -> Image.Image:
    """The picture, without transparency."""
    return Image.open(io.BytesIO(content)).convert("RGBA")


def colour_at(image: Image.Image, x: float, y: float) -> str:
    """The name of the colour at a place, given in shares of the sides."""
    pixel = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(pixel, tuple)
    red, green, blue, _ = (value > 128 for value in pixel)
    return {
        (True, False, False): "red",
        (False, True, False): "lime",
        (False, False, True): "blue",
        (True, True, False): "yellow",
        (True, True, True): "white",
    }.get((red, green, blue), "other")


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    return actor_for(editor)


def uploaded(actor: Actor, folder: Folder, content: bytes, name: str = "a.png") -> Item:
    """An item that has been read."""
    item = upload_item(actor=actor, folder=folder, file=io.BytesIO(content), name=name)
    process_item(item_id=item.pk)
    item.refresh_from_db()
    assert item.state == "ready", item.failure
    return item


def whole(actor: Actor, folder: Folder, count: int, kind: str = "image_group") -> Item:
    """A group or sequence of pictures, each of one colour."""
    parts = [
        uploaded(actor, folder, encoded(Image.new("RGB", (400, 300), colour), "PNG"))
        for colour in COLOURS[:count]
    ]
    return group_items(actor=actor, folder=folder, items=parts, kind=ItemKind(kind), name="Whole")


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, ["red", "red", "red", "red"]),
        (2, ["red", "lime", "red", "lime"]),
        (4, ["red", "lime", "blue", "yellow"]),
        (5, ["red", "lime", "blue", "yellow"]),
    ],
)
def test_group__shows_up_to_four_of_its_parts(
    birds: Folder, actor: Actor, count: int, expected: list[str]
) -> None:
    group = whole(actor, birds, count)

    image = opened(item_picture(group, "small"))

    found = [colour_at(image, x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    assert found == expected
    if count > 1:
        assert image.size == (256, 256)
        assert default_storage.exists(thumbnail_key(group, "small"))


def test_group__passes_over_parts_that_cannot_be_read(birds: Folder, actor: Actor) -> None:
    group = whole(actor, birds, 2)
    group.parts.filter(position=0).update(state="failed")

    image = opened(item_picture(group, "large"))

    assert colour_at(image, 0.2, 0.2) == colour_at(image, 0.8, 0.8) == "lime"
    group.parts.update(state="failed")
    default_storage.delete(thumbnail_key(group, "large"))
    with pytest.raises(NotFound):
        item_picture(group, "large")


def test_sequence__frames_are_the_pictures_of_its_parts(birds: Folder, actor: Actor) -> None:
    sequence = whole(actor, birds, 3, "image_sequence")

    assert colour_at(opened(item_picture(sequence, "small")), 0.5, 0.5) == "red"
    for number, colour in enumerate(COLOURS[:3]):
        unit = Unit.objects.get(item=sequence, frame=number)
        assert colour_at(opened(unit_picture(unit, "small")), 0.5, 0.5) == colour
        assert frame_picture(sequence, number, "small") == unit_picture(unit, "small")
    with pytest.raises(NotFound):
        frame_picture(sequence, 3, "small")


def test_video__any_frame_can_be_shown(birds: Folder, actor: Actor, tmp_path: Path) -> None:
    item = uploaded(actor, birds, video(tmp_path, frames=25, fps=10), "clip.mp4")
    assert not Unit.objects.filter(item=item, frame=7).exists()

    image = opened(frame_picture(item, 7, "small")).convert("L")

    assert np.asarray(image).mean() == pytest.approx(56, abs=4)
    with pytest.raises(NotFound):
        frame_picture(item, 25, "small")
    with pytest.raises(NotFound):
        frame_picture(whole(actor, birds, 1), 0, "small")


def test_video__with_given_measures_is_decoded_when_it_is_looked_at(
    birds: Folder, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = video(tmp_path, frames=30, fps=10)
    item = ItemFactory.create(
        folder=birds,
        kind="video",
        object_url="https://videos.example.org/clip.mp4",
        measures_given=True,
        fps=10,
        duration=3,
        frame_count=30,
    )
    monkeypatch.setattr(pictures, "open_original", lambda _: io.BytesIO(content))

    poster = opened(item_picture(item, "small")).convert("L")
    image = opened(frame_picture(item, 13, "small")).convert("L")

    assert item_thumbnail_url(item).endswith("?v=0")
    assert np.asarray(poster).mean() == pytest.approx(0, abs=4)
    assert np.asarray(image).mean() == pytest.approx(104, abs=4)


def test_picture__of_an_object_that_cannot_be_had(
    birds: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = ItemFactory.create(folder=birds, object_url="https://pictures.example.org/a.png")

    def raising(error: Exception) -> None:
        def fail(_: Item) -> io.BytesIO:
            raise error

        monkeypatch.setattr(pictures, "open_original", fail)

    raising(ObjectUnreachable("No answer."))
    with pytest.raises(Unavailable, match="No answer"):
        item_picture(item, "small")
    raising(ObjectUnavailable("Forbidden."))
    with pytest.raises(NotFound):
        item_picture(item, "small")


def test_picture__waits_for_a_free_decoder_but_not_for_ever(
    birds: Folder, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = uploaded(actor, birds, encoded(Image.new("RGB", (9, 9)), "PNG"))

    def busy(*_: object) -> None:
        raise DecodersBusy("All decoders were busy for 30 s.")

    monkeypatch.setattr(pictures, "decode", busy)

    with pytest.raises(Unavailable, match="busy"):
        item_picture(item, "large")


def test_coalescer__who_asks_meanwhile_gets_the_same() -> None:
    coalescer: Coalescer[str] = Coalescer()
    begun, go_on = threading.Event(), threading.Event()
    made: list[str] = []

    def make() -> str:
        begun.set()
        go_on.wait(20)
        made.append("picture")
        return "picture"

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(coalescer.get, "key", make)
        assert begun.wait(20)
        others = [pool.submit(coalescer.get, "key", make) for _ in range(4)]
        assert coalescer.get("another key", lambda: "at once") == "at once"
        go_on.set()
        assert [future.result(20) for future in [first, *others]] == ["picture"] * 5

    # Who came after the end made it anew.
    assert 1 <= len(made) <= 5
    assert coalescer.get("key", lambda: "new") == "new"


def test_coalescer__shares_an_error_once() -> None:
    coalescer: Coalescer[str] = Coalescer()

    def fail() -> str:
        raise NotFound("gone")

    with pytest.raises(NotFound):
        coalescer.get("key", fail)

    assert coalescer.get("key", lambda: "there again") == "there again"


@pytest.mark.parametrize(
    ("total", "count", "expected"),
    [
        (5, 12, [0, 1, 2, 3, 4]),
        (100, 1, [0]),
        (100, 2, [0, 99]),
        (100, 4, [0, 33, 66, 99]),
        (0, 3, []),
    ],
)
def test_spread_frames(total: int, count: int, expected: list[int]) -> None:
    assert spread_frames(total, count) == expected


def test_strip__is_for_those_who_see_the_item(
    birds: Folder, actor: Actor, viewer: User, member: User, outsider: User, tmp_path: Path
) -> None:
    item = uploaded(actor, birds, video(tmp_path, frames=25, fps=10), "clip.mp4")
    address = reverse("item-frames", args=[item.pk])
    picture = frame_picture_url(item, 9)

    def get(user: User, path: str) -> int:
        client = Client()
        client.force_login(user)
        return client.get(path).status_code

    for path in (address, picture):
        assert [get(user, path) for user in (member, outsider, viewer)] == [404, 404, 200]
    assert get(viewer, frame_picture_url(item, 25)) == 404
    assert get(viewer, frame_picture_url(item, 9, "huge")) == 404


def test_strip__frames_with_their_times_and_pictures(
    birds: Folder, actor: Actor, viewer: User, tmp_path: Path
) -> None:
    item = uploaded(actor, birds, video(tmp_path, frames=25, fps=10), "clip.mp4")
    client = Client()
    client.force_login(viewer)

    found = client.get(reverse("item-frames", args=[item.pk]), {"count": "3"}).json()

    assert (found["total"], found["duration"]) == (25, 2.5)
    assert [frame["frame"] for frame in found["frames"]] == [0, 12, 24]
    assert [frame["timestamp"] for frame in found["frames"]] == [0, 1.2, 2.4]
    answer = client.get(found["frames"][1]["picture"])
    assert answer["Content-Type"] == "image/webp"
    assert "immutable" in answer["Cache-Control"]
    for count, expected in (("nonsense", 12), ("99999", 12), ("900", 25), ("0", 1)):
        address = reverse("item-frames", args=[item.pk])
        assert len(client.get(address, {"count": count}).json()["frames"]) == expected


def test_strip__of_a_sequence_of_a_group_and_of_what_has_neither(
    birds: Folder, actor: Actor, viewer: User
) -> None:
    sequence, group = whole(actor, birds, 3, "image_sequence"), whole(actor, birds, 2)
    client = Client()
    client.force_login(viewer)

    found = client.get(reverse("item-frames", args=[sequence.pk])).json()

    assert [frame["timestamp"] for frame in found["frames"]] == [0, 1, 2]
    images = client.get(reverse("item-frames", args=[group.pk])).json()
    assert (images["total"], images["duration"]) == (2, None)
    assert [image["timestamp"] for image in images["frames"]] == [None, None]
    assert client.get(images["frames"][1]["picture"])["Content-Type"] == "image/webp"
    part = group.parts.get(position=0)
    assert client.get(reverse("item-frames", args=[part.pk])).status_code == 404
