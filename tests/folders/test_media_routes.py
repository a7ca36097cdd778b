"""Thumbnails and originals over HTTP."""

import asyncio
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse
from django.test import AsyncRequestFactory, Client
from django.urls import reverse
from PIL import Image

from accounts.actor import Actor
from accounts.models import User
from folders.models import Folder, Item, Unit
from folders.services.items import upload_item
from folders.services.processing import process_item
from folders.storage import open_original, thumbnail_key
from folders.views.ranges import file_response
from tests.folders.media_files import png, video

ActorFor = Callable[[User], Actor]
Read = Callable[..., Item]


def browser(user: User) -> Client:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def uploaded(birds: Folder, editor: User, actor_for: ActorFor) -> Read:
    """Uploads a file and has it read."""

    def upload(content: bytes, name: str = "owl.png") -> Item:
        item = upload_item(
            actor=actor_for(editor), folder=birds, file=io.BytesIO(content), name=name
        )
        process_item(item_id=item.pk)
        item.refresh_from_db()
        return item

    return upload


def test_routes__others_get_what_unknown_ids_get(
    uploaded: Read, viewer: User, member: User, outsider: User
) -> None:
    item = uploaded(png())
    unit = Unit.objects.get(item=item)
    addresses = [
        reverse("item-thumbnail", args=[item.pk, "small"]),
        reverse("item-original", args=[item.pk]),
        reverse("unit-thumbnail", args=[unit.pk, "small"]),
    ]

    for address in addresses:
        assert browser(member).get(address).status_code == 404
        assert browser(outsider).get(address).status_code == 404
        assert Client().get(address).status_code == 302
        assert browser(viewer).get(address).status_code == 200
    assert browser(viewer).get(reverse("unit-thumbnail", args=[10**30, "small"])).status_code == 404
    assert browser(viewer).get(reverse("unit-thumbnail", args=[unit.pk, "huge"])).status_code == 404
    assert browser(viewer).post(addresses[0]).status_code == 405


def test_thumbnail__is_cached_by_version(uploaded: Read, viewer: User) -> None:
    item = uploaded(png(600, 400))
    address = reverse("item-thumbnail", args=[item.pk, "small"])
    client = browser(viewer)

    answer = client.get(address)
    lasting = client.get(f"{address}?v={item.thumbnail_version}")
    known = client.get(address, headers={"If-None-Match": answer["ETag"]})
    outdated = client.get(address, headers={"If-None-Match": '"other"'})

    assert Image.open(io.BytesIO(answer.content)).size == (256, 171)
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert {"private", "no-cache"} <= set(answer["Cache-Control"].split(", "))
    assert {"private", "immutable"} <= set(lasting["Cache-Control"].split(", "))
    assert (known.status_code, known.content) == (304, b"")
    assert outdated.status_code == 200


def test_thumbnail__that_was_dropped_is_made_again(uploaded: Read, viewer: User) -> None:
    item = uploaded(png(600, 400))
    address = reverse("item-thumbnail", args=[item.pk, "large"])
    # Nobody has asked for the large one before.
    assert not default_storage.exists(thumbnail_key(item, "large"))
    before = browser(viewer).get(address).content
    assert default_storage.exists(thumbnail_key(item, "large"))
    default_storage.delete(thumbnail_key(item, "large"))

    after = browser(viewer).get(address).content

    assert Image.open(io.BytesIO(after)).size == Image.open(io.BytesIO(before)).size
    assert default_storage.exists(thumbnail_key(item, "large"))


def test_thumbnail__of_what_cannot_be_read_is_missing(uploaded: Read, viewer: User) -> None:
    item = uploaded(b"no picture")

    assert item.state == "failed"
    answer = browser(viewer).get(reverse("item-thumbnail", args=[item.pk, "small"]))
    assert answer.status_code == 404


def test_unit_thumbnail__of_a_frame_is_made_on_demand(
    uploaded: Read, viewer: User, tmp_path: Path
) -> None:
    item = uploaded(video(tmp_path), "clip.mp4")
    unit = Unit.objects.get(item=item, frame=20)
    address = reverse("unit-thumbnail", args=[unit.pk, "small"])

    first = browser(viewer).get(address)
    second = browser(viewer).get(address)

    image = Image.open(io.BytesIO(first.content)).convert("L")
    assert image.getpixel((5, 5)) == pytest.approx(160, abs=4)
    assert second.content == first.content


@pytest.mark.parametrize(
    ("asked", "status", "content_range", "expected"),
    [
        ("bytes=0-3", 206, "bytes 0-3/{size}", slice(0, 4)),
        ("bytes=10-", 206, "bytes 10-{last}/{size}", slice(10, None)),
        ("bytes=-5", 206, None, slice(-5, None)),
        ("bytes=10-999999", 206, "bytes 10-{last}/{size}", slice(10, None)),
        ("bytes=0-", 206, "bytes 0-{last}/{size}", slice(0, None)),
        ("bytes=-999999", 206, "bytes 0-{last}/{size}", slice(0, None)),
        ("bytes=0-0", 206, "bytes 0-0/{size}", slice(0, 1)),
        ("bytes=0-1,5-6", 200, None, slice(None)),
        ("lines=1-2", 200, None, slice(None)),
        ("bytes=-", 200, None, slice(None)),
    ],
)
def test_original__by_ranges(
    uploaded: Read,
    viewer: User,
    tmp_path: Path,
    asked: str,
    status: int,
    content_range: str | None,
    expected: slice,
) -> None:
    content = video(tmp_path)
    item = uploaded(content, "clip.mp4")

    answer = browser(viewer).get(reverse("item-original", args=[item.pk]), headers={"Range": asked})

    assert answer.status_code == status
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert body == content[expected]
    assert answer["Content-Length"] == str(len(body))
    if content_range:
        size = len(content)
        assert answer["Content-Range"] == content_range.format(size=size, last=size - 1)


def test_original__range_beyond_the_end(uploaded: Read, viewer: User) -> None:
    item = uploaded(png())
    address = reverse("item-original", args=[item.pk])

    for asked in ("bytes=99999999-", "bytes=5-2", "bytes=-0"):
        answer = browser(viewer).get(address, headers={"Range": asked})
        assert answer.status_code == 416
        assert answer["Content-Range"] == f"bytes */{item.size}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-3,8-9", "items=0-3", "bytes=a-b", "bytes=", "bytes=-", "bytes 0-3", "bytes=٣-٤"],
)
def test_original__several_ranges_and_nonsense_are_answered_with_all(
    uploaded: Read, viewer: User, asked: str
) -> None:
    item = uploaded(png())

    answer = browser(viewer).get(
        reverse("item-original", args=[item.pk]),
        headers={"Range": asked.encode().decode("latin-1")},
    )

    assert answer.status_code == 200
    assert answer["Content-Length"] == str(item.size)
    assert "Content-Range" not in answer


def test_original__units_of_ranges_may_be_written_as_one_likes(
    uploaded: Read, viewer: User
) -> None:
    item = uploaded(png())

    answer = browser(viewer).get(
        reverse("item-original", args=[item.pk]), headers={"Range": "Bytes=1-3"}
    )

    assert (answer.status_code, answer["Content-Length"]) == (206, "3")


def test_original__head_tells_the_size_and_knows_no_ranges(uploaded: Read, viewer: User) -> None:
    item = uploaded(png())
    address = reverse("item-original", args=[item.pk])

    for headers in ({}, {"Range": "bytes=0-3"}):
        answer = browser(viewer).head(address, headers=headers)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer["Content-Length"] == str(item.size)
        assert answer["Accept-Ranges"] == "bytes"
        assert answer["Content-Type"] == "image/png"


@pytest.mark.parametrize(("seen", "status"), [("same", 206), ("weak", 200), ("date", 200)])
def test_original__part_only_of_the_version_that_is_known(
    uploaded: Read, viewer: User, seen: str, status: int
) -> None:
    item = uploaded(png())
    address = reverse("item-original", args=[item.pk])
    etag = browser(viewer).head(address)["ETag"]
    known = {"same": etag, "weak": f"W/{etag}", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}[seen]

    answer = browser(viewer).get(address, headers={"Range": "bytes=0-3", "If-Range": known})

    assert answer.status_code == status


def test_original__changed_meanwhile_is_sent_whole(uploaded: Read, viewer: User) -> None:
    item = uploaded(png())
    headers = {"Range": "bytes=0-3", "If-Range": '"older"'}

    answer = browser(viewer).get(reverse("item-original", args=[item.pk]), headers=headers)

    assert answer.status_code == 200


def test_original__what_browsers_might_run_is_a_download(uploaded: Read, viewer: User) -> None:
    item = uploaded(b"<html><script>alert(1)</script>", 'a"b\u2028.html')

    answer = browser(viewer).get(reverse("item-original", args=[item.pk]))

    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_original__streams_under_asgi(uploaded: Read) -> None:
    item = uploaded(png())
    request = AsyncRequestFactory().get("/", headers={"Range": "bytes=1-3"})
    response = file_response(
        request,
        partial(open_original, item),
        size=item.size or 0,
        content_type="image/png",
        name=item.name,
        attachment=False,
        etag='"x"',
    )

    async def read() -> bytes:
        assert isinstance(response, StreamingHttpResponse)
        return b"".join([chunk async for chunk in aiter(response)])

    assert asyncio.run(read()) == b"PNG"


def test_original__is_never_altered(uploaded: Read, viewer: User) -> None:
    content = png(2000, 1000)
    item = uploaded(content)

    answer = browser(viewer).get(reverse("item-original", args=[item.pk]))

    assert b"".join(answer.streaming_content) == content  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("inline")
