"""Objects that are uploaded first and registered then."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotAllowed, NotFound
from folders.choices import ImportState, ItemKind, ItemState
from folders.imports.items import imported_items
from folders.models import Folder, FolderGrant, Item, Unit, Upload
from folders.services.deletion import delete_items
from folders.services.object_uploads import begin_objects, object_address, receive_object
from folders.services.upload_expiry import finish_left_uploads, remove_expired_uploads
from folders.services.uploads import UploadGone, UploadTooLarge, get_upload
from folders.storage import open_original
from folders.upload_storage import BodyTooShort
from tests.folders.imports.files import image, paths, run_import
from tests.folders.media_files import png
from tests.folders.test_uploads import stored_files
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
Captured = Callable[..., AbstractContextManager[object]]
PNG = png(64, 48)


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    """Edits Birds."""
    return actor_for(editor)


def send(upload_id: UUID, data: bytes = PNG) -> None:
    """Send an object, as whoever has its address may."""
    receive_object(upload_id=upload_id, content=io.BytesIO(data), length=len(data))


def sent(actor: Actor, folder: Folder, count: int = 1) -> list[str]:
    """Addresses of objects that have been sent."""
    uploads = begin_objects(actor=actor, folder=folder, count=count)
    for upload in uploads:
        send(upload.pk)
    return [object_address(upload.pk) for upload in uploads]


def id_in(address: str) -> UUID:
    """The id in an address."""
    return UUID(address.rpartition("/")[2])


def test_begin_objects__needs_an_editor(
    birds: Folder, viewer: User, actor: Actor, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        begin_objects(actor=actor_for(viewer), folder=birds, count=1)
    for count in (0, -1, 10_001):
        with pytest.raises(InvalidInput):
            begin_objects(actor=actor, folder=birds, count=count)
    assert not Upload.objects.exists()

    uploads = begin_objects(actor=actor, folder=birds, count=3)

    assert len({upload.pk for upload in uploads}) == 3
    assert all(upload.item_id == upload.pk for upload in uploads)


def test_receive_object__is_refused_when_the_person_may_not_edit_any_more(
    birds: Folder, actor: Actor
) -> None:
    upload = begin_objects(actor=actor, folder=birds, count=1)[0]
    FolderGrant.objects.filter(user=actor.user).update(role="viewer")

    with pytest.raises(NotAllowed):
        send(upload.pk)

    assert stored_files() == []
    with pytest.raises(NotFound):
        send(uuid4())


def test_receive_object__keeps_the_limits(
    birds: Folder, actor: Actor, settings: LazySettings
) -> None:
    upload = begin_objects(actor=actor, folder=birds, count=1)[0]
    settings.UPLOAD_MAX_BYTES = len(PNG) - 1

    with pytest.raises(UploadTooLarge):
        send(upload.pk)
    settings.UPLOAD_MAX_BYTES = len(PNG)
    with pytest.raises(BodyTooShort):
        receive_object(upload_id=upload.pk, content=io.BytesIO(PNG[:9]), length=len(PNG))
    assert stored_files() == []

    send(upload.pk)
    upload.refresh_from_db()
    assert (upload.size, upload.offset, upload.finished) == (len(PNG), len(PNG), False)


def test_receive_object__sent_again_takes_the_place_of_the_first(
    birds: Folder, actor: Actor, django_capture_on_commit_callbacks: Captured
) -> None:
    upload = begin_objects(actor=actor, folder=birds, count=1)[0]
    send(upload.pk, b"broken off")

    with django_capture_on_commit_callbacks(execute=True):
        send(upload.pk)

    files = stored_files()
    assert len(files) == 1
    with default_storage.open(files[0]) as file:
        assert file.read() == PNG


def test_object__becomes_the_item_of_its_id(birds: Folder, actor: Actor) -> None:
    address = sent(actor, birds)[0]
    listed = {
        "objectUrl": address,
        "title": "owl.png",
        "clientMetadata": {"wings": 2},
        "externalFileType": "IMAGE",
        "placeholderItemUuid": str(id_in(address)),
    }

    row = run_import(actor, birds, {"images": [listed]})
    run_jobs()

    assert (row.state, row.errors) == (ImportState.DONE, [])
    item = Item.objects.get()
    assert (item.pk, item.name, item.state) == (id_in(address), "owl.png", ItemState.READY)
    assert (item.width, item.height, item.size, item.mime_type) == (64, 48, len(PNG), "image/png")
    assert (item.object_url, item.integration, item.client_metadata) == ("", None, {"wings": 2})
    with open_original(item) as file:
        assert file.read() == PNG
    assert Unit.objects.get().item == item
    assert [one.pk for one in imported_items(row)] == [item.pk]
    assert not Upload.objects.exists()
    # Once only: the address names nothing any more.
    again = run_import(actor, birds, {"images": [{"objectUrl": address}]})
    assert (again.state, paths(again)) == (
        ImportState.FAILED,
        ["images.0.objectUrl", "images.0"],
    )
    with pytest.raises(NotFound):
        send(item.pk)


def test_objects__become_parts_of_groups_and_sequences(birds: Folder, actor: Actor) -> None:
    first, second, third = sent(actor, birds, 3)
    group = {
        "images": [
            {"url": first, "title": "a.png", "placeholderItemUuid": str(id_in(first))},
            {"url": second, "title": "b.png"},
        ],
        "createVideo": False,
        "title": "Pair",
    }
    sequence = {"objectUrl_0": third, "createVideo": True, "title": "Film"}

    row = run_import(actor, birds, {"imageGroups": [group], "image_groups": [sequence]})
    run_jobs()

    assert (row.state, row.errors) == (ImportState.DONE, [])
    pair, film = (Item.objects.get(pk=one.pk) for one in imported_items(row))
    assert (pair.name, film.name) == ("Pair", "Film")
    parts = pair.parts.order_by("position")
    assert [part.pk for part in parts] == [id_in(first), id_in(second)]
    assert [part.state for part in parts] == [ItemState.READY, ItemState.READY]
    assert (film.kind, film.frame_count, film.width) == (ItemKind.IMAGE_SEQUENCE, 1, 64)


def test_objects__of_others_other_folders_and_other_ids_are_refused(
    birds: Folder, night: Folder, admin: User, actor: Actor, actor_for: ActorFor
) -> None:
    of_another = sent(actor_for(admin), birds)[0]
    elsewhere = sent(actor, night)[0]
    unsent = object_address(begin_objects(actor=actor, folder=birds, count=1)[0].pk)
    mine = sent(actor, birds)[0]
    wrong_id = {"objectUrl": mine, "placeholderItemUuid": str(uuid4())}
    addresses = [of_another, elsewhere, unsent, "upload://no-id", object_address(uuid4())]

    row = run_import(
        actor,
        birds,
        {"images": [*({"objectUrl": address} for address in addresses), wrong_id]},
    )

    assert row.state == ImportState.FAILED
    assert paths(row) == [
        *(f"images.{place}.objectUrl" for place in range(5)),
        "images.5.placeholderItemUuid",
    ]
    assert not Item.objects.exists()
    assert Upload.objects.count() == 4


def test_object__named_twice_is_refused_the_second_time(birds: Folder, actor: Actor) -> None:
    address = sent(actor, birds)[0]

    row = run_import(actor, birds, {"images": [{"objectUrl": address}] * 2}, ignore_errors=True)

    assert (row.state, row.report["created"], paths(row)) == (ImportState.DONE, 1, ["images.1"])


def test_objects__of_a_failed_import_can_be_registered_still(birds: Folder, actor: Actor) -> None:
    address = sent(actor, birds)[0]
    broken = {"images": [{"objectUrl": address}, {"objectUrl": 7}]}

    row = run_import(actor, birds, broken)

    assert (row.state, Item.objects.count(), Upload.objects.count()) == (ImportState.FAILED, 0, 1)
    row = run_import(actor, birds, {"images": [{"objectUrl": address}]})
    assert (row.state, Item.objects.count(), Upload.objects.count()) == (ImportState.DONE, 1, 0)


def test_objects__that_nobody_registers_expire(birds: Folder, actor: Actor) -> None:
    sent(actor, birds)
    taken = sent(actor, birds)[0]
    run_import(actor, birds, {"images": [{"objectUrl": taken, "imageMetadata": MEASURES}]})
    unsent = begin_objects(actor=actor, folder=birds, count=1)[0]

    assert (finish_left_uploads(), remove_expired_uploads()) == (0, 0)
    Upload.objects.update(expires_at=timezone.now())

    with pytest.raises(UploadGone):
        send(unsent.pk)
    assert remove_expired_uploads() == 2

    assert not Upload.objects.exists()
    left = [name for name in stored_files() if name.startswith("items/")]
    assert left == [Item.objects.get().storage_key]


def test_item_of_an_object__takes_its_file_along(
    birds: Folder, actor: Actor, django_capture_on_commit_callbacks: Captured
) -> None:
    run_import(actor, birds, {"images": [{"objectUrl": sent(actor, birds)[0]}]})
    run_jobs()
    assert [name for name in stored_files() if "original" in name]

    with django_capture_on_commit_callbacks(execute=True):
        delete_items(actor=actor, item_ids=[Item.objects.get().pk])
    run_jobs()

    assert not [name for name in stored_files() if "original" in name]


def test_object_upload__is_none_of_the_tus_protocol(birds: Folder, actor: Actor) -> None:
    upload = begin_objects(actor=actor, folder=birds, count=1)[0]

    with pytest.raises(NotFound):
        get_upload(actor, birds.pk, upload.pk)


def test_imported_items__follow_the_order_of_the_file(birds: Folder, actor: Actor) -> None:
    given = uuid4()
    document = {
        "images": [image("b.png"), image("a.png", placeholderItemUuid=str(given)), image("c.png")],
    }
    plain = run_import(actor, birds, {"images": [image("z.png"), image("y.png")]})

    row = run_import(actor, birds, document)

    assert [item.name for item in imported_items(plain)] == ["/z.png", "/y.png"]
    assert [item.name for item in imported_items(row)] == ["/b.png", "/a.png", "/c.png"]
    assert list(imported_items(row))[1].pk == given
    # Refused for its id, which is that of an item of another import.
    refused = run_import(actor, birds, document, ignore_errors=True)
    assert [item.name for item in imported_items(refused)] == ["/b.png", "/c.png"]


MEASURES = {"mimeType": "image/png", "fileSize": 10, "width": 64, "height": 48}
