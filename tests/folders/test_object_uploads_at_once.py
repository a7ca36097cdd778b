"""Uploaded objects that two transactions want at the same time."""

import io
from collections.abc import Callable

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from core.errors import NotFound
from folders.models import Folder, Upload
from folders.services.object_uploads import begin_objects, receive_object, take_objects
from folders.services.uploads import UploadGone, remove_expired
from tests.embeddings.connections import wait_for_a_lock, writers

pytestmark = pytest.mark.django_db(transaction=True)

ActorFor = Callable[[User], Actor]


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    """Edits Birds."""
    return actor_for(editor)


@pytest.fixture
def upload(birds: Folder, actor: Actor) -> Upload:
    """An object that has been sent."""
    made = begin_objects(actor=actor, folder=birds, count=1)[0]
    receive_object(upload_id=made.pk, content=io.BytesIO(b"owl"), length=3)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(("end", "left"), [("commit", 0), ("rollback", 1)])
def test_take__by_two_registrations_gives_it_to_one(
    birds: Folder, actor: Actor, upload: Upload, end: str, left: int
) -> None:
    def take() -> int:
        return len(take_objects(actor=actor, folder=birds, upload_ids=[upload.pk]))

    with writers(2) as (first, second):
        first.begin()
        second.begin()
        assert first.do(take) == 1
        waiting = second.start(take)
        wait_for_a_lock()
        getattr(first, end)()
        assert waiting.result(timeout=20) == left
        second.commit()

    assert not Upload.objects.exists()


def test_expiry__leaves_the_file_of_an_item_that_is_being_saved(
    birds: Folder, actor: Actor, upload: Upload
) -> None:
    with writers(2) as (first, second):
        first.begin()
        first.do(lambda: take_objects(actor=actor, folder=birds, upload_ids=[upload.pk]))
        # Its time is over while the registration is still at work.
        late = second.start(lambda: _expire(upload))
        wait_for_a_lock()
        first.commit()
        assert late.result(timeout=20) is False

    assert default_storage.exists(upload.storage_key)


def test_receive__of_an_object_that_is_being_registered_is_refused(
    birds: Folder, actor: Actor, upload: Upload
) -> None:
    def send() -> str:
        try:
            receive_object(upload_id=upload.pk, content=io.BytesIO(b"wren"), length=4)
        except (NotFound, UploadGone):
            return "refused"
        return "stored"

    with writers(2) as (first, second):
        first.begin()
        first.do(lambda: take_objects(actor=actor, folder=birds, upload_ids=[upload.pk]))
        late = second.start(send)
        wait_for_a_lock()
        first.commit()
        assert late.result(timeout=20) == "refused"

    folder = upload.storage_key.rpartition("/")[0]
    assert default_storage.listdir(folder)[1] == [upload.storage_key.rpartition("/")[2]]


def _expire(upload: Upload) -> bool:
    """What the periodic task does with an upload whose time is over."""
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now())
    return remove_expired(upload.pk)
