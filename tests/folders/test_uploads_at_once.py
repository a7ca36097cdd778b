"""Two requests for one upload at the same time, on connections of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from folders import upload_storage
from folders.models import Folder, Item, Upload, UploadPart
from folders.services import uploads
from folders.services.uploads import begin_upload
from tests.folders.media_files import png

pytestmark = pytest.mark.django_db(transaction=True)

ActorFor = Callable[[User], Actor]
PNG = png(64, 48)


@pytest.fixture
def upload(birds: Folder, editor: User, actor_for: ActorFor) -> Upload:
    """An upload of which nothing has arrived."""
    return begin_upload(actor=actor_for(editor), folder=birds, name="owl.png", size=len(PNG))


def patch(editor: User, upload: Upload, offset: int, data: bytes) -> Any:
    """Send bytes from a thread."""
    try:
        client = Client()
        client.force_login(editor)
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
        return client.generic(
            "PATCH",
            reverse("folder-upload-part", args=[upload.folder_id, upload.pk]),
            data,
            content_type="application/offset+octet-stream",
            headers={**headers, "Content-Type": "application/offset+octet-stream"},
        )
    finally:
        connection.close()


def both(editor: User, upload: Upload, *parts: tuple[int, bytes]) -> list[int]:
    """The statuses of requests that run at the same time."""
    with ThreadPoolExecutor(len(parts)) as pool:
        asked = [pool.submit(patch, editor, upload, *part) for part in parts]
        return sorted(one.result().status_code for one in asked)


def test_same_bytes_twice__count_once(
    upload: Upload, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have found the upload at byte 0 and stored theirs before either counts."""
    barrier = threading.Barrier(2, timeout=30)
    store = upload_storage.store

    def store_together(*args: Any) -> Any:
        stored = store(*args)
        barrier.wait()
        return stored

    monkeypatch.setattr(uploads, "store", store_together)

    statuses = both(editor, upload, (0, PNG[:40]), (0, PNG[:40]))

    assert statuses == [204, 409]
    upload.refresh_from_db()
    part = UploadPart.objects.get()
    assert (upload.offset, part.size) == (40, 40)
    folder = part.storage_key.rpartition("/")[0]
    assert len(default_storage.listdir(folder)[1]) == 1


def test_last_bytes_twice__make_one_item(
    upload: Upload, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that lost asks at once for the end, while the other still joins the parts."""
    barrier = threading.Barrier(2, timeout=30)
    finish = uploads.finish_upload

    def finish_together(**given: Any) -> Any:
        barrier.wait()
        return finish(**given)

    assert patch(editor, upload, 0, PNG[:40]).status_code == 204
    monkeypatch.setattr("folders.tus.finish_upload", lambda **given: given["upload"])
    assert patch(editor, upload, 40, PNG[40:]).status_code == 204
    monkeypatch.setattr("folders.tus.finish_upload", finish_together)

    statuses = both(editor, upload, (len(PNG), b""), (len(PNG), b""))

    assert statuses == [204, 204]
    with default_storage.open(Item.objects.get().storage_key) as file:
        assert file.read() == PNG
