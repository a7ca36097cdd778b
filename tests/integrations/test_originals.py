"""Originals of items, wherever they lie: read by workers, shown to browsers."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.actor import Actor
from accounts.models import Organisation, User
from folders.choices import ItemKind, ItemState
from folders.models import Folder, Item, Unit
from folders.services.items import upload_item
from folders.services.processing import process_item
from folders.storage import open_original, original_url, remove_item_files, thumbnail_key
from integrations.models import Integration
from integrations.services import integrations as services
from tests.factories import ItemFactory, UnitFactory
from tests.folders.media_files import png, video
from tests.integrations.s3_server import ACCESS_KEY, REGION, SECRET_KEY, S3Server
from tests.integrations.web_server import WebServer

ActorFor = Callable[[User], Actor]
Register = Callable[..., Item]

pytestmark = pytest.mark.usefixtures("loopback")


@pytest.fixture
def register(birds: Folder) -> Register:
    """Puts an item of an address into Birds, and has it read."""

    def put(integration: Integration, url: str, kind: ItemKind = ItemKind.IMAGE) -> Item:
        item = ItemFactory.create(
            folder=birds,
            kind=kind,
            integration=integration,
            object_url=url,
            state=ItemState.PROCESSING,
            size=None,
            mime_type="",
        )
        UnitFactory.create(item=item, kind=kind)
        process_item(item_id=item.pk)
        item.refresh_from_db()
        return item

    return put


@pytest.fixture
def web_addresses(organisation: Organisation) -> Integration:
    """The built-in integration."""
    return services.default_integration(organisation)


@pytest.fixture
def cameras(s3: S3Server, admin: User, actor_for: ActorFor) -> Integration:
    """A bucket."""
    return services.create_integration(
        actor=actor_for(admin),
        name="Cameras",
        provider="s3",
        settings={
            "bucket": "field-cameras",
            "endpoint": s3.endpoint,
            "region": REGION,
            "access_key": ACCESS_KEY,
        },
        secret={"secret_key": SECRET_KEY},
    )


@pytest.fixture
def own_bucket(s3: S3Server, settings: LazySettings) -> None:
    """Media lie in a bucket, as KINDRED_S3_BUCKET and the others have it."""
    bucket = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": "media",
            "endpoint_url": s3.endpoint,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            "region_name": REGION,
            "signature_version": "s3v4",
            "file_overwrite": True,
            "querystring_auth": True,
        },
    }
    settings.STORAGES = settings.STORAGES | {"default": bucket, "browsers": bucket}
    settings.MEDIA_ORIGINS = [s3.endpoint]


def browser(user: User) -> Client:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client


def original(user: User, item: Item, query: str = "", **headers: str) -> Any:
    """The answer to a request for an original."""
    return browser(user).get(reverse("item-original", args=[item.pk]) + query, headers=headers)


def body(response: HttpResponseBase) -> bytes:
    """All of a streamed answer."""
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_bucket__item_is_measured_and_sent_by_the_bucket(
    register: Register, cameras: Integration, s3: S3Server, viewer: User, outsider: User
) -> None:
    url = s3.put("field-cameras", "night/owl 1.png", png(600, 400), "application/octet-stream")

    item = register(cameras, url)

    assert (item.state, item.width, item.height) == (ItemState.READY, 600, 400)
    assert item.mime_type == "image/png"
    thumbnail = browser(viewer).get(reverse("item-thumbnail", args=[item.pk, "small"]))
    assert Image.open(io.BytesIO(thumbnail.content)).size == (256, 171)
    assert original(outsider, item).status_code == 404

    sent = original(viewer, item)

    assert sent.status_code == 302
    assert "no-store" in sent["Cache-Control"]
    assert sent["Referrer-Policy"] == "no-referrer"
    assert sent["Location"].startswith(f"{s3.endpoint}/field-cameras/night/owl%201.png?")
    assert SECRET_KEY not in sent["Location"]
    # As a browser does it: with no credentials and no session of ours.
    with urlopen(sent["Location"]) as answer:  # noqa: S310 - http, on loopback
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.read() == png(600, 400)


def test_bucket__pages_may_load_from_it_and_from_nowhere_else(
    cameras: Integration, s3: S3Server, viewer: User, outsider: User, birds: Folder
) -> None:
    page = browser(viewer).get(reverse("folder", args=[birds.pk]))
    elsewhere = browser(outsider).get(reverse("files"))

    directives = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    assert directives["img-src"] == f"'self' data: blob: {s3.endpoint}"
    assert directives["media-src"] == f"'self' blob: {s3.endpoint}"
    assert s3.endpoint not in directives["default-src"]
    assert s3.endpoint not in elsewhere["Content-Security-Policy"]
    assert s3.endpoint not in Client().get(reverse("sign-in"))["Content-Security-Policy"]


def test_bucket__through_us_when_it_is_told_so(
    register: Register,
    cameras: Integration,
    s3: S3Server,
    viewer: User,
    actor_for: ActorFor,
    admin: User,
    birds: Folder,
) -> None:
    services.update_integration(
        actor=actor_for(admin),
        integration=cameras,
        settings={**cameras.settings, "through_us": True},
    )
    cameras.refresh_from_db()
    item = register(cameras, s3.put("field-cameras", "owl.png", png()))

    whole, part = original(viewer, item), original(viewer, item, Range="bytes=1-3")

    assert (whole.status_code, body(whole)) == (200, png())
    assert (part.status_code, body(part)) == (206, b"PNG")
    page = browser(viewer).get(reverse("folder", args=[birds.pk]))
    assert s3.endpoint not in page["Content-Security-Policy"]


def test_bucket__video_is_read_by_ranges(
    register: Register, cameras: Integration, s3: S3Server, tmp_path: Path
) -> None:
    item = register(
        cameras, s3.put("field-cameras", "clip.mp4", video(tmp_path), "video/mp4"), ItemKind.VIDEO
    )

    assert (item.state, item.failure) == (ItemState.READY, "")
    assert (item.frame_count, item.fps) == (30, 10.0)
    assert item.duration == pytest.approx(3.0)
    assert list(Unit.objects.filter(item=item, frame__isnull=False).values_list("frame", flat=True))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s3://field-cameras/nothing.png", "There is nothing at this address (404 NoSuchKey)."),
        ("s3://field-cameras/forbidden/owl.png", "refuses access (403 AccessDenied)"),
        ("s3://other/owl.png", "The address is of the bucket other"),
    ],
)
def test_bucket__failure_says_why(
    register: Register, cameras: Integration, viewer: User, url: str, reason: str
) -> None:
    item = register(cameras, url)

    assert item.state == ItemState.FAILED
    assert reason in item.failure


def test_web__original_passes_through_us(
    register: Register, web_addresses: Integration, web: WebServer, viewer: User
) -> None:
    item = register(web_addresses, web.add("/owl.png", content=png(600, 400)))
    assert (item.state, item.width, item.size) == (ItemState.READY, 600, len(png(600, 400)))

    whole = original(viewer, item)
    part = original(viewer, item, Range="bytes=-5")
    beyond = original(viewer, item, Range="bytes=999999-")

    assert original_url(item) is None
    assert (whole.status_code, body(whole)) == (200, png(600, 400))
    assert whole["Content-Type"] == "image/png"
    assert whole["X-Content-Type-Options"] == "nosniff"
    assert (part.status_code, body(part)) == (206, png(600, 400)[-5:])
    assert beyond.status_code == 416


def test_web__without_ranges_works_as_well(
    register: Register, web_addresses: Integration, web: WebServer, viewer: User, tmp_path: Path
) -> None:
    content = video(tmp_path)
    url = web.add("/clip.mp4", content=content, ranges=False)

    item = register(web_addresses, url, ItemKind.VIDEO)

    assert (item.state, item.frame_count) == (ItemState.READY, 30)
    part = original(viewer, item, Range="bytes=4-7")
    assert (part.status_code, body(part)) == (206, content[4:8])


def test_web__private_network_is_refused(
    register: Register, web_addresses: Integration, web: WebServer, settings: LazySettings
) -> None:
    url = web.add("/owl.png", content=png())
    redirect = web.add("/a.png", status=302, headers={"Location": "http://192.168.0.1/owl.png"})

    redirected = register(web_addresses, redirect)
    settings.FETCH_ALLOW = []
    direct = register(web_addresses, url)

    assert (redirected.state, direct.state) == (ItemState.FAILED, ItemState.FAILED)
    assert "private address" in redirected.failure
    assert "loopback address" in direct.failure
    assert len(web.asked) == 1


def test_web__what_is_gone_or_away_later(
    register: Register, web_addresses: Integration, web: WebServer, viewer: User
) -> None:
    item = register(web_addresses, web.add("/owl.png", content=png()))

    web.add("/owl.png", status=404)
    gone = original(viewer, item, Accept="application/json")
    web.add("/owl.png", status=503)
    away = original(viewer, item, Accept="application/json")

    assert (gone.status_code, gone.json()["code"]) == (404, "original_unavailable")
    assert (away.status_code, away.json()["code"]) == (503, "original_unreachable")
    assert "too busy (503)" in away.json()["detail"]


def test_web__what_browsers_might_run_is_a_download(
    web_addresses: Integration, web: WebServer, viewer: User, birds: Folder
) -> None:
    item = ItemFactory.create(
        folder=birds,
        integration=web_addresses,
        object_url=web.add("/a.html", content=b"<script>alert(1)</script>"),
        mime_type="text/html",
    )

    answer = original(viewer, item)

    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    body(answer)


def test_directory__original_passes_through_us(
    register: Register,
    admin: User,
    viewer: User,
    actor_for: ActorFor,
    tmp_path: Path,
    settings: LazySettings,
) -> None:
    settings.LOCAL_DIRECTORIES = [str(tmp_path)]
    (tmp_path / "owl.png").write_bytes(png())
    nas = services.create_integration(
        actor=actor_for(admin),
        name="NAS",
        provider="directory",
        settings={"directory": str(tmp_path)},
    )

    item = register(nas, f"file://{tmp_path}/owl.png")

    assert item.state == ItemState.READY
    assert body(original(viewer, item)) == png()


def test_original__of_an_item_that_has_none(birds: Folder, viewer: User) -> None:
    item = ItemFactory.create(folder=birds)

    assert original_url(item) is None
    with pytest.raises(FileNotFoundError):
        open_original(item)
    assert original(viewer, item).status_code == 404


@pytest.mark.usefixtures("own_bucket")
def test_own_bucket__upload_thumbnail_and_the_way_to_the_original(
    birds: Folder, editor: User, viewer: User, outsider: User, actor_for: ActorFor, s3: S3Server
) -> None:
    s3.asked.clear()
    file = io.BytesIO(png(600, 400))

    item = upload_item(actor=actor_for(editor), folder=birds, file=file, name="Käuzchen.png")
    process_item(item_id=item.pk)
    item.refresh_from_db()

    assert (item.state, item.failure) == (ItemState.READY, "")
    assert default_storage.exists(thumbnail_key(item, "small"))
    thumbnail = browser(viewer).get(reverse("item-thumbnail", args=[item.pk, "small"]))
    assert Image.open(io.BytesIO(thumbnail.content)).size == (256, 171)
    assert original(outsider, item).status_code == 404
    sent = original(viewer, item)
    assert (sent.status_code, sent["Cache-Control"]) == (302, "no-store")
    assert SECRET_KEY not in sent["Location"]
    with urlopen(sent["Location"]) as answer:  # noqa: S310 - http, on loopback
        assert answer.read() == png(600, 400)
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Content-Disposition"].startswith("inline")
    page = browser(viewer).get(reverse("folder", args=[birds.pk]))
    assert s3.endpoint in page["Content-Security-Policy"]
    assert {how for _, _, how in s3.asked} == {"header", "address"}

    key = item.storage_key
    remove_item_files(item.pk)
    assert not default_storage.exists(key)


@pytest.mark.usefixtures("own_bucket")
def test_own_bucket__what_browsers_might_run_is_a_download(
    birds: Folder, editor: User, viewer: User, actor_for: ActorFor
) -> None:
    item = upload_item(
        actor=actor_for(editor), folder=birds, file=io.BytesIO(b"<html>"), name="a.html"
    )

    with urlopen(original(viewer, item)["Location"]) as answer:  # noqa: S310 - http, on loopback
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_original__to_be_saved(
    register: Register,
    cameras: Integration,
    web_addresses: Integration,
    s3: S3Server,
    web: WebServer,
    viewer: User,
) -> None:
    """Under the item's name, from wherever it comes."""
    in_bucket = register(cameras, s3.put("field-cameras", "owl.png", png()))
    on_the_web = register(web_addresses, web.add("/owl.png", content=png()))

    from_the_bucket = original(viewer, in_bucket, "?save")["Location"]
    through_us = original(viewer, on_the_web, "?save")

    with urlopen(from_the_bucket) as answer:  # noqa: S310 - http, on loopback
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{in_bucket.name}"'
        assert answer.read() == png()
    assert through_us["Content-Disposition"] == f'attachment; filename="{on_the_web.name}"'
    assert body(through_us) == png()


@pytest.mark.usefixtures("own_bucket")
def test_own_bucket__wrong_secret_is_refused(settings: LazySettings) -> None:
    options = settings.STORAGES["default"]["OPTIONS"] | {"secret_key": "another"}
    wrong = settings.STORAGES["default"] | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": wrong}

    with pytest.raises(Exception, match="SignatureDoesNotMatch"):
        default_storage.save("a", io.BytesIO(b"a"))


def test_own_folder__original_is_streamed(
    birds: Folder, editor: User, viewer: User, actor_for: ActorFor
) -> None:
    item = upload_item(
        actor=actor_for(editor), folder=birds, file=io.BytesIO(png()), name="owl.png"
    )

    assert original_url(item) is None
    assert body(original(viewer, item)) == png()
