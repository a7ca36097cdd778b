"""Files that come in part by part."""

import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from folders.choices import ItemState, UploadPurpose
from folders.models import Folder, FolderGrant, Item, Unit, Upload, UploadPart
from folders.services import upload_expiry
from folders.services.deletion import delete_folder
from folders.services.items import upload_item
from folders.services.upload_expiry import finish_left_uploads, remove_expired_uploads
from folders.services.uploads import (
    Checksum,
    UploadGone,
    UploadTooLarge,
    WrongChecksum,
    begin_upload,
    end_upload,
    finish_upload,
    get_upload,
    receive_part,
    take_upload,
)
from folders.upload_storage import BodyTooShort
from tests.folders.media_files import png
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
PNG = png(64, 48)
Captured = Callable[..., Any]


def send(upload: Upload, data: bytes, offset: int | None = None) -> Upload:
    """One part, from where the upload stands."""
    return receive_part(
        upload=upload,
        offset=upload.offset if offset is None else offset,
        content=io.BytesIO(data),
        length=len(data),
    )


def stored_files(folder: str = "") -> list[str]:
    """All that lies in the storage."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    inside = [name for inner in folders for name in stored_files(f"{folder}/{inner}".strip("/"))]
    return sorted([*inside, *(f"{folder}/{file}".strip("/") for file in files)])


def test_begin__refuses_viewers_and_members(
    birds: Folder, viewer: User, member: User, actor_for: ActorFor
) -> None:
    for person in (viewer, member):
        with pytest.raises(NotAllowed):
            begin_upload(actor=actor_for(person), folder=birds, name="owl.png", size=3)

    assert not Upload.objects.exists()


def test_begin__refuses_what_cannot_be_stored(
    birds: Folder, editor: User, actor_for: ActorFor, settings: LazySettings
) -> None:
    settings.UPLOAD_MAX_BYTES = 5 << 20
    actor = actor_for(editor)
    with pytest.raises(InvalidInput):
        begin_upload(actor=actor, folder=birds, name=" ", size=3)
    with pytest.raises(InvalidInput):
        begin_upload(actor=actor, folder=birds, name="owl.png", size=-1)
    with pytest.raises(UploadTooLarge, match="at most 5 MB"):
        begin_upload(actor=actor, folder=birds, name="owl.png", size=(5 << 20) + 1)


def test_parts__become_one_item_with_the_bytes_in_order(
    birds: Folder,
    editor: User,
    actor_for: ActorFor,
    django_capture_on_commit_callbacks: Captured,
) -> None:
    actor = actor_for(editor)
    upload = begin_upload(actor=actor, folder=birds, name="owl.png", size=len(PNG))
    upload = send(upload, PNG[:10])
    upload = send(upload, PNG[10:11])
    assert finish_upload(actor=actor, upload=upload).finished is False
    upload = send(upload, PNG[11:])

    with django_capture_on_commit_callbacks(execute=True):
        done = finish_upload(actor=actor, upload=upload)

    item = Item.objects.get()
    assert (done.finished, done.item_id) == (True, item.pk)
    assert (item.name, item.state, item.size) == ("owl.png", ItemState.PROCESSING, len(PNG))
    assert Unit.objects.get().item == item
    with default_storage.open(item.storage_key) as file:
        assert file.read() == PNG
    assert stored_files() == [item.storage_key]
    run_jobs()
    item.refresh_from_db()
    assert (item.state, item.width) == (ItemState.READY, 64)


def test_whole__is_stored_once_where_it_stays(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = actor_for(editor)
    upload = begin_upload(actor=actor, folder=birds, name="owl.png", size=len(PNG))
    saves: list[str] = []
    save = FileSystemStorage._save  # type: ignore[attr-defined]

    def counted(self: FileSystemStorage, name: str, content: object) -> str:
        saves.append(name)
        stored: str = save(self, name, content)
        return stored

    monkeypatch.setattr(FileSystemStorage, "_save", counted)

    finish_upload(actor=actor, upload=send(upload, PNG))

    assert saves == [Item.objects.get().storage_key]
    assert not UploadPart.objects.exists()


def test_finish__makes_one_item_however_often_it_is_asked(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload = begin_upload(actor=actor, folder=birds, name="owl.png", size=len(PNG))
    upload = send(upload, PNG)
    stale = Upload.objects.select_related("folder").get()

    first = finish_upload(actor=actor, upload=upload)
    second = finish_upload(actor=actor, upload=stale)

    assert first.item_id == second.item_id == Item.objects.get().pk


def test_key__gives_the_upload_that_was_begun_under_it(
    birds: Folder, night: Folder, editor: User, folder_admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    given: dict[str, Any] = {"folder": birds, "name": "owl.png", "size": 9, "client_key": "k1"}
    first = send(begin_upload(actor=actor, **given), b"1234")

    again = begin_upload(actor=actor, **given)

    assert (again, again.offset) == (first, 4)
    assert begin_upload(actor=actor_for(folder_admin), **given) != first
    for other in ({"size": 8}, {"name": "wren.png"}, {"folder": night}):
        with pytest.raises(Conflict):
            begin_upload(actor=actor, **{**given, **other})
    with pytest.raises(InvalidInput):
        begin_upload(actor=actor, **{**given, "client_key": "k" * 101})
    Upload.objects.filter(pk=first.pk).update(expires_at=timezone.now())
    with pytest.raises(UploadGone):
        begin_upload(actor=actor, **given)


def test_empty_file__becomes_an_item_that_fails(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload = begin_upload(actor=actor, folder=birds, name="nothing.png", size=0)

    finish_upload(actor=actor, upload=upload)
    run_jobs()

    assert Item.objects.get().state == ItemState.FAILED


def test_part__at_the_wrong_place_is_refused_and_not_kept(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    upload = begin_upload(actor=actor_for(editor), folder=birds, name="owl.png", size=10)
    behind = Upload.objects.get()
    send(upload, b"12345")

    with pytest.raises(Conflict):
        send(upload, b"67890", offset=4)
    # Read before the first part counted: the compare-and-set decides.
    with pytest.raises(Conflict):
        send(behind, b"xxxxx", offset=0)

    upload.refresh_from_db()
    assert upload.offset == 5
    assert len(stored_files()) == 1


def test_part__beyond_the_announced_size_is_refused(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    upload = begin_upload(actor=actor_for(editor), folder=birds, name="owl.png", size=4)

    with pytest.raises(UploadTooLarge):
        send(upload, b"12345")

    assert stored_files() == []


def test_part__that_is_shorter_than_said_leaves_nothing(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    upload = begin_upload(actor=actor_for(editor), folder=birds, name="owl.png", size=10)

    with pytest.raises(BodyTooShort):
        receive_part(upload=upload, offset=0, content=io.BytesIO(b"123"), length=5)

    assert stored_files() == []


def test_part__with_another_digest_is_refused(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    upload = begin_upload(actor=actor_for(editor), folder=birds, name="owl.png", size=3)
    right = Checksum("sha256", hashlib.sha256(b"123").digest())
    wrong = Checksum("sha256", hashlib.sha256(b"124").digest())

    with pytest.raises(WrongChecksum):
        receive_part(upload=upload, offset=0, content=io.BytesIO(b"123"), length=3, checksum=wrong)
    assert stored_files() == []
    upload = receive_part(
        upload=upload, offset=0, content=io.BytesIO(b"123"), length=3, checksum=right
    )

    assert upload.is_complete


def test_get__is_only_for_whoever_began_it(
    birds: Folder, night: Folder, editor: User, folder_admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload = begin_upload(actor=actor, folder=birds, name="owl.png", size=3)

    with pytest.raises(NotFound):
        get_upload(actor_for(folder_admin), birds.pk, upload.pk)
    with pytest.raises(NotFound):
        get_upload(actor, night.pk, upload.pk)
    assert get_upload(actor, birds.pk, upload.pk) == upload

    FolderGrant.objects.filter(user=editor).delete()
    with pytest.raises(NotAllowed):
        get_upload(actor_for(editor), birds.pk, upload.pk)


def test_expired__takes_no_more_and_goes_with_its_files(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload = send(begin_upload(actor=actor, folder=birds, name="owl.png", size=9), b"1234")
    kept = send(begin_upload(actor=actor, folder=birds, name="wren.png", size=9), b"1234")
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now())

    with pytest.raises(UploadGone):
        get_upload(actor, birds.pk, upload.pk)
    with pytest.raises(Conflict):
        send(upload, b"56789")
    assert remove_expired_uploads() == 1

    assert Upload.objects.get() == kept
    assert len(stored_files()) == 1


def test_part__puts_the_end_off(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        upload = begin_upload(actor=actor_for(editor), folder=birds, name="owl.png", size=9)
    with time_machine.travel(start + timedelta(hours=70), tick=False):
        upload = send(upload, b"1234")

    assert upload.expires_at == start + timedelta(hours=142)


def test_expired__leaves_the_item_that_came_of_it(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload = begin_upload(actor=actor, folder=birds, name="owl.png", size=len(PNG))
    finish_upload(actor=actor, upload=send(upload, PNG))
    Upload.objects.update(expires_at=timezone.now())

    assert remove_expired_uploads() == 1

    assert stored_files() == [Item.objects.get().storage_key]


def test_end__removes_what_was_stored(birds: Folder, editor: User, actor_for: ActorFor) -> None:
    upload = begin_upload(actor=actor_for(editor), folder=birds, name="owl.png", size=9)
    upload = send(upload, b"1234")

    end_upload(upload=upload)

    assert not Upload.objects.exists()
    assert stored_files() == []


def test_folder_deleted__uploads_into_it_end(
    birds: Folder, night: Folder, editor: User, folder_admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload = send(begin_upload(actor=actor, folder=night, name="owl.png", size=4), b"1234")

    delete_folder(actor=actor_for(folder_admin), folder=night)

    with pytest.raises(NotFound):
        get_upload(actor, night.pk, upload.pk)
    with pytest.raises(NotFound):
        finish_upload(actor=actor, upload=upload)
    assert not Item.objects.exists()


def test_take__hands_a_complete_file_over_once(
    birds: Folder, editor: User, folder_admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload = begin_upload(
        actor=actor, folder=birds, name="a.csv", size=8, purpose=UploadPurpose.IMPORT
    )
    upload = send(upload, b"1234")
    with pytest.raises(Conflict, match="4 bytes are missing"):
        take_upload(actor=actor, upload_id=upload.pk)
    upload = finish_upload(actor=actor, upload=send(upload, b"5678"))
    with pytest.raises(NotFound):
        take_upload(actor=actor_for(folder_admin), upload_id=upload.pk)

    taken = take_upload(actor=actor, upload_id=upload.pk)

    with default_storage.open(taken.storage_key) as file:
        assert file.read() == b"12345678"
    with pytest.raises(NotFound):
        take_upload(actor=actor, upload_id=upload.pk)
    assert not Item.objects.exists()


def test_take__does_not_give_away_what_becomes_an_item(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload = send(begin_upload(actor=actor, folder=birds, name="owl.png", size=4), b"1234")

    with pytest.raises(NotFound):
        take_upload(actor=actor, upload_id=upload.pk)


def test_left_complete__becomes_an_item_later(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload = begin_upload(actor=actor, folder=birds, name="owl.png", size=len(PNG))
    send(upload, PNG)
    assert finish_left_uploads() == 0
    Upload.objects.update(updated_at=timezone.now() - timedelta(hours=1))

    assert finish_left_uploads() == 1
    assert finish_left_uploads() == 0

    assert Item.objects.get().created_by == editor


def test_left_complete__ones_that_can_never_become_items_keep_nobody(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_expiry, "BATCH_SIZE", 2)
    actor = actor_for(editor)
    for number in range(4):
        upload = begin_upload(actor=actor, folder=birds, name=f"{number}.png", size=len(PNG))
        upload = send(upload, PNG)
        if number < 2:
            # Lost, perhaps with the disk.
            default_storage.delete(upload.storage_key)
    Upload.objects.update(updated_at=timezone.now() - timedelta(hours=1))

    assert [finish_left_uploads() for _ in range(2)] == [0, 2]

    assert set(Item.objects.values_list("name", flat=True)) == {"2.png", "3.png"}


def test_expired__ones_that_cannot_be_removed_keep_nobody(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_expiry, "BATCH_SIZE", 2)
    actor = actor_for(editor)
    uploads = [begin_upload(actor=actor, folder=birds, name=f"{n}.png", size=9) for n in range(4)]
    Upload.objects.update(expires_at=timezone.now())

    def refuse(upload: Upload) -> None:
        if upload.name in {"0.png", "1.png"}:
            raise RuntimeError("The bucket says no.")

    monkeypatch.setattr("folders.services.uploads.remove_upload_files", refuse)
    assert [remove_expired_uploads() for _ in range(2)] == [0, 2]

    assert set(Upload.objects.all()) == set(uploads[:2])


def test_upload_item__killed_before_its_row_leaves_no_file_for_ever(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `kill -9`: nothing that a dying process would still do is done."""

    def killed(*args: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("folders.services.items.insert_item", killed)
        patched.setattr("folders.services.reservations.remove_upload_files", lambda upload: None)
        patched.setattr(Upload, "delete", lambda self: None)
        with pytest.raises(SystemExit):
            upload_item(actor=actor_for(editor), folder=birds, file=io.BytesIO(PNG), name="owl.png")
    assert len(stored_files()) == 1
    assert remove_expired_uploads() == 0

    Upload.objects.update(expires_at=timezone.now())
    assert remove_expired_uploads() == 1

    assert stored_files() == []


def test_upload_item__leaves_no_reservation(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    item = upload_item(actor=actor_for(editor), folder=birds, file=io.BytesIO(PNG), name="owl.png")

    assert stored_files() == [item.storage_key]
    assert item.size == len(PNG)
    assert not Upload.objects.exists()
