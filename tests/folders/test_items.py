"""Uploads, processing and changes of items."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotAllowed, NotFound
from core.models import AuditEvent, Job
from folders.choices import ItemKind, ItemState, UnitKind
from folders.models import Folder, Item, Unit
from folders.services.deletion import delete_items
from folders.services.items import rename_items, upload_item
from folders.storage import read_derived, thumbnail_key
from tests.factories import UnitFactory
from tests.folders.media_files import encoded, picture, png, video
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


def upload(actor: Actor, folder: Folder, content: bytes, name: str = "a.png") -> Item:
    """Upload bytes."""
    return upload_item(actor=actor, folder=folder, file=io.BytesIO(content), name=name)


def test_upload_item__needs_an_editor(birds: Folder, viewer: User, actor_for: ActorFor) -> None:
    with pytest.raises(NotAllowed):
        upload(actor_for(viewer), birds, png())

    assert not Item.objects.exists()


def test_upload_item__stores_the_original_and_queues_one_job(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    content = png()

    first = upload(actor_for(editor), birds, content, "first.png")
    upload(actor_for(editor), birds, content, "second.png")

    with default_storage.open(first.storage_key) as file:
        assert file.read() == content
    assert (first.kind, first.state, first.size) == (ItemKind.IMAGE, "processing", len(content))
    unit = Unit.objects.get(item=first)
    assert (unit.kind, unit.frame, unit.folder, unit.root) == (UnitKind.IMAGE, None, birds, birds)
    assert Job.objects.count() == 1
    assert AuditEvent.objects.filter(action="item.uploaded").count() == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 301, "a\x00b"])
def test_upload_item__name_is_refused(
    birds: Folder, editor: User, actor_for: ActorFor, name: str
) -> None:
    with pytest.raises(InvalidInput):
        upload(actor_for(editor), birds, png(), name)

    assert not Item.objects.exists()


def test_process__image_is_measured_and_gets_thumbnails(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    # Orientation 6: the camera lay on its side, so width and height change places.
    exif = picture().getexif()
    exif[0x0112] = 6
    item = upload(actor_for(editor), birds, encoded(picture(1500, 1000), "JPEG", exif=exif))

    run_jobs()

    item.refresh_from_db()
    assert (item.state, item.width, item.height) == (ItemState.READY, 1000, 1500)
    assert item.mime_type == "image/jpeg"
    assert read_derived(thumbnail_key(item, "small"))
    assert Job.objects.get().result == {"ready": 1, "failed": 0}


def test_process__video_gets_units_for_its_seconds(
    birds: Folder, editor: User, actor_for: ActorFor, tmp_path: Path
) -> None:
    item = upload(actor_for(editor), birds, video(tmp_path), "clip.png")
    assert item.kind == ItemKind.VIDEO

    run_jobs()

    item.refresh_from_db()
    assert (item.state, item.frame_count, item.fps) == (ItemState.READY, 30, 10.0)
    assert item.duration == pytest.approx(3.0)
    frames = Unit.objects.filter(item=item, kind=UnitKind.FRAME).order_by("frame")
    assert [(unit.frame, unit.timestamp) for unit in frames] == [(0, 0.0), (10, 1.0), (20, 2.0)]
    assert read_derived(thumbnail_key(item, "small"))


def test_delete_items__locks_items_before_their_units_as_imports_do(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    unit = UnitFactory.create(item__folder=birds)

    with CaptureQueriesContext(connection) as queries:
        delete_items(actor=actor_for(editor), item_ids=[unit.item_id])

    locked = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    # The items, their parts, the units.
    assert ["folders_unit" in statement for statement in locked[:3]] == [False, False, True]


def test_rename_items__all_or_none_by_an_editor(
    birds: Folder, boats: Folder, viewer: User, editor: User, actor_for: ActorFor
) -> None:
    items = [UnitFactory.create(item__folder=birds).item for _ in range(3)]
    hidden = UnitFactory.create(item__folder=boats).item
    before = [item.name for item in items]
    names = {item.pk: f" bird {n} " for n, item in enumerate(items)}
    with pytest.raises(NotAllowed):
        rename_items(actor=actor_for(viewer), names=names)
    with pytest.raises(NotFound):
        rename_items(actor=actor_for(editor), names={**names, hidden.pk: "mine"})
    with pytest.raises(InvalidInput) as refusal:
        rename_items(actor=actor_for(editor), names={**names, items[1].pk: " "})
    assert [error.path for error in refusal.value.errors] == [f"{items[1].pk}.name"]
    assert (
        list(
            Item.objects.filter(folder=birds).order_by("created_at").values_list("name", flat=True)
        )
        == before
    )

    rename_items(actor=actor_for(editor), names=names)

    for n, item in enumerate(items):
        item.refresh_from_db()
        assert item.name == f"bird {n}"
    event = AuditEvent.objects.get(action="items.renamed")
    assert event.data == {"items": 3}
