"""Uploads whose parts and files lie in a bucket."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from folders.choices import ItemState
from folders.models import Folder, Item, Upload
from folders.services.object_uploads import begin_objects, object_address, receive_object
from folders.services.upload_expiry import remove_expired_uploads
from folders.services.uploads import begin_upload, finish_upload, receive_part
from folders.storage import open_original
from tests.folders.imports.files import run_import
from tests.folders.media_files import png
from tests.integrations.s3_server import ACCESS_KEY, REGION, SECRET_KEY, S3Server
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
PNG = png(64, 48)


@pytest.fixture
def bucket(s3: S3Server, settings: LazySettings) -> Callable[[], list[str]]:
    """Media lie in a bucket; lists its keys."""
    options = {
        "bucket_name": "media",
        "endpoint_url": s3.endpoint,
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        "region_name": REGION,
        "file_overwrite": True,
    }
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": backend}

    def keys() -> list[str]:
        found: Any = s3.client.list_objects_v2(Bucket="media")
        return sorted(one["Key"] for one in found.get("Contents", []))

    return keys


def test_parts__are_joined_in_the_bucket(
    bucket: Callable[[], list[str]],
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    actor = actor_for(editor)
    upload = begin_upload(actor=actor, folder=birds, name="owl.png", size=len(PNG))
    for start, end in ((0, 9), (9, 40), (40, len(PNG))):
        upload = receive_part(
            upload=upload, offset=start, content=io.BytesIO(PNG[start:end]), length=end - start
        )
    assert len(bucket()) == 3

    with django_capture_on_commit_callbacks(execute=True):
        finish_upload(actor=actor, upload=upload)

    item = Item.objects.get()
    assert bucket() == [item.storage_key]
    with open_original(item) as file:
        assert file.read() == PNG
    run_jobs()
    item.refresh_from_db()
    assert item.state == ItemState.READY


def test_expired__leaves_nothing_in_the_bucket(
    bucket: Callable[[], list[str]], birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    before = bucket()
    upload = begin_upload(actor=actor_for(editor), folder=birds, name="owl.png", size=90)
    receive_part(upload=upload, offset=0, content=io.BytesIO(PNG[:40]), length=40)
    assert len(bucket()) == len(before) + 1
    Upload.objects.update(expires_at=timezone.now())

    assert remove_expired_uploads() == 1

    assert bucket() == before


def test_object__is_registered_from_the_bucket(
    bucket: Callable[[], list[str]],
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    actor = actor_for(editor)
    upload = begin_objects(actor=actor, folder=birds, count=1)[0]
    for data in (PNG[:40], PNG):
        with django_capture_on_commit_callbacks(execute=True):
            receive_object(upload_id=upload.pk, content=io.BytesIO(data), length=len(data))

    row = run_import(actor, birds, {"images": [{"objectUrl": object_address(upload.pk)}]})
    run_jobs()

    assert row.errors == []
    item = Item.objects.get(pk=upload.pk)
    assert (item.state, item.width) == (ItemState.READY, 64)
    originals = [key for key in bucket() if item.pk.hex in key and "original" in key]
    assert originals == [item.storage_key]
    with open_original(item) as file:
        assert file.read() == PNG
