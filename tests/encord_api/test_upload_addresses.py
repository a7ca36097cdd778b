"""Addresses that the SDK sends files to: how long they open, and what for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from encord_api.views.uploads import _upload
from folders.models import Folder, Upload
from folders.services.object_uploads import begin_objects
from folders.signed_addresses import ORIGINAL, sign_item
from tests.folders.media_files import png

ActorFor = Callable[[User], Actor]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def uploads(birds: Folder, editor: User, actor_for: ActorFor) -> list[Upload]:
    """Two files that were announced at noon."""
    with time_machine.travel(NOON, tick=False):
        return begin_objects(actor=actor_for(editor), folder=birds, count=2)


def address_of(upload: Upload, birds: Folder) -> str:
    """The path that a file is sent to."""
    told = str(_upload(RequestFactory().get("/"), birds, upload)["signedUrl"])
    return told.removeprefix("http://testserver")


def send(address: str) -> int:
    """The status that somebody without session or token gets for a file."""
    return Client().put(address, png(), content_type="image/png").status_code


def test_upload_address__expires(
    uploads: list[Upload], birds: Folder, settings: LazySettings
) -> None:
    lifetime: timedelta = settings.UPLOAD_EXPIRY
    with time_machine.travel(NOON, tick=False):
        address = address_of(uploads[0], birds)

    with time_machine.travel(NOON + lifetime + timedelta(seconds=1), tick=False):
        assert send(address) == 403
    with time_machine.travel(NOON + lifetime - timedelta(minutes=1), tick=False):
        assert send(address) == 200


def test_upload_address__takes_the_file_that_it_is_for(
    uploads: list[Upload], birds: Folder
) -> None:
    with time_machine.travel(NOON, tick=False):
        assert send(address_of(uploads[0], birds)) == 200

    received = {upload.pk: upload.offset for upload in Upload.objects.all()}
    assert received == {uploads[0].pk: len(png()), uploads[1].pk: 0}


def test_upload_address__altered_anywhere_is_refused(uploads: list[Upload], birds: Folder) -> None:
    with time_machine.travel(NOON, tick=False):
        token = address_of(uploads[0], birds).rpartition("/")[2]
        for place, letter in enumerate(token):
            other = "A" if letter != "A" else "B"
            forged = token[:place] + other + token[place + 1 :]
            assert send(reverse("encord-upload", args=[forged])) == 403, forged
        # What opens an original is no place to write to.
        read = sign_item(uploads[0].pk, ORIGINAL)
        assert send(reverse("encord-upload", args=[f"{uploads[0].pk.hex}:{read}"])) == 403

        assert send(reverse("encord-upload", args=[token])) == 200
