"""Pages of files, items and the schema, as a browser asks for them."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from folders.choices import ItemState, KeyType
from folders.counts import Bounded
from folders.models import Folder, Item, MetadataKey
from folders.services.items import upload_item
from folders.services.processing import process_item
from tests.factories import ItemFactory, UnitFactory
from tests.folders.media_files import png, video

ActorFor = Callable[[User], Actor]
SignedIn = Callable[[User], Client]


@pytest.fixture
def signed_in() -> SignedIn:
    """A browser in which somebody is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def test_files__shows_what_the_person_sees(
    night: Folder, boats: Folder, night_viewer: User, outsider: User, signed_in: SignedIn
) -> None:
    assert b"Night" not in signed_in(outsider).get(reverse("files")).content

    page = signed_in(night_viewer).get(reverse("files")).content.decode()

    assert "Night" in page
    assert "Boats" not in page
    assert "Birds" not in page


def test_files__offers_the_upgrade_of_a_root_by_its_check_box(
    birds: Folder, night: Folder, viewer: User, night_viewer: User, signed_in: SignedIn
) -> None:
    address = reverse("folder-upgrade", args=[birds.pk])

    assert (
        f'data-upgrade-url="{address}"' in signed_in(viewer).get(reverse("files")).content.decode()
    )
    # Who sees a subfolder alone has no root to upgrade.
    assert "data-upgrade-url" not in signed_in(night_viewer).get(reverse("files")).content.decode()


def test_folder__is_a_404_for_others(
    birds: Folder, outsider: User, member: User, viewer: User, signed_in: SignedIn
) -> None:
    address = reverse("folder", args=[birds.pk])
    assert signed_in(outsider).get(address).status_code == 404
    assert signed_in(member).get(address).status_code == 404
    assert Client().get(address).status_code == 302

    page = signed_in(viewer).get(address)

    assert page.status_code == 200
    assert page.context["can_edit"] is False


def test_folder__lists_pages_of_items(birds: Folder, viewer: User, signed_in: SignedIn) -> None:
    for number in range(103):
        ItemFactory.create(folder=birds, name=f"bird-{number:03}.png")
    client = signed_in(viewer)
    address = reverse("folder", args=[birds.pk])

    first = client.get(address, {"order": "name"})
    cursor = first.context["items"].next_cursor
    rest = client.get(address, {"order": "name", "cursor": cursor}, headers={"HX-Request": "true"})

    assert [item.name for item in first.context["items"].rows][-1] == "bird-099.png"
    assert [item.name for item in rest.context["items"].rows] == [
        "bird-100.png",
        "bird-101.png",
        "bird-102.png",
    ]
    assert rest.context["items"].next_cursor == ""
    assert b"<html" not in rest.content
    found = client.get(address, {"search": "BIRD-05"})
    assert len(found.context["items"].rows) == 10
    assert client.get(address, {"cursor": "nonsense"}).status_code == 400


@pytest.mark.parametrize("count", [1, 40])
def test_folder__takes_as_many_queries_for_many_items(
    birds: Folder,
    viewer: User,
    signed_in: SignedIn,
    count: int,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    for _ in range(count):
        UnitFactory.create(item__folder=birds)
    client = signed_in(viewer)

    with django_assert_max_num_queries(40):
        client.get(reverse("folder", args=[birds.pk]))


def test_folder_create__parent_must_be_editable(
    birds: Folder, viewer: User, editor: User, signed_in: SignedIn
) -> None:
    given = {"name": "Day", "description": "By day", "parent": str(birds.pk)}
    assert signed_in(viewer).post(reverse("folder-create"), given).status_code == 403

    response = signed_in(editor).post(reverse("folder-create"), given)

    day = Folder.objects.get(name="Day")
    assert (response.status_code, response["Location"]) == (303, reverse("folder", args=[day.pk]))
    assert day.parent == birds


def test_folder_create__wrong_name_comes_back_as_a_message(
    editor: User, signed_in: SignedIn
) -> None:
    response = signed_in(editor).post(reverse("folder-create"), {"name": "  "}, follow=True)

    assert b"A name is missing" in response.content
    assert signed_in(editor).post(reverse("folder-create"), {"parent": "x"}).status_code == 400


def test_folder_rename_move_delete(
    birds: Folder,
    night: Folder,
    boats: Folder,
    editor: User,
    folder_admin: User,
    signed_in: SignedIn,
) -> None:
    rename = reverse("folder-rename", args=[night.pk])
    delete = reverse("folder-delete", args=[night.pk])
    move = reverse("folder-move", args=[night.pk])
    assert signed_in(editor).get(delete).status_code == 403
    assert signed_in(editor).post(delete).status_code == 403
    assert signed_in(folder_admin).post(move, {"parent": str(boats.pk)}).status_code == 404

    signed_in(editor).post(rename, {"name": "Dusk", "description": ""})
    signed_in(folder_admin).post(move, {"parent": ""})
    asked = signed_in(folder_admin).get(delete, headers={"HX-Request": "true"})
    done = signed_in(folder_admin).post(delete)

    assert asked.context["contents"].items == 0
    assert done["Location"] == reverse("files")
    assert not Folder.objects.filter(pk=night.pk).exists()


def test_folder_upload__needs_an_editor_and_a_file(
    birds: Folder, viewer: User, editor: User, signed_in: SignedIn
) -> None:
    address = reverse("folder-upload", args=[birds.pk])
    json_please = {"Accept": "application/json"}

    def picture() -> SimpleUploadedFile:
        return SimpleUploadedFile("owl.png", png())

    refused = signed_in(viewer).post(address, {"file": picture()}, headers=json_please)
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert signed_in(editor).post(address, {}, headers=json_please).status_code == 400

    assert not Item.objects.exists()


def test_folder_upload__plain_form_takes_several(
    birds: Folder, editor: User, signed_in: SignedIn
) -> None:
    files = [SimpleUploadedFile(f"{n}.png", png()) for n in range(3)]

    response = signed_in(editor).post(reverse("folder-upload", args=[birds.pk]), {"file": files})

    assert response["Location"] == reverse("folder", args=[birds.pk])
    assert Item.objects.count() == 3
    status = signed_in(editor).get(reverse("folder-status", args=[birds.pk]))
    assert status.context["counts"].processing == Bounded(3)
    assert status.context["job"] is not None


def test_item__shows_metadata_and_neighbours(
    birds: Folder, viewer: User, outsider: User, signed_in: SignedIn
) -> None:
    for name in ("a.png", "b.png", "c.png"):
        UnitFactory.create(
            item__folder=birds, item__name=name, item__client_metadata={"label": name}
        )
    middle = Item.objects.get(name="b.png")
    address = reverse("item", args=[middle.pk])
    assert signed_in(outsider).get(address).status_code == 404

    context = signed_in(viewer).get(address).context

    assert (context["previous"].name, context["next"].name) == ("a.png", "c.png")
    assert [(row.name, row.text) for row in context["metadata"]] == [("label", "b.png")]
    assert json.loads(context["metadata_json"]) == {"label": "b.png"}


def test_item_metadata__errors_come_as_a_fragment(
    birds: Folder, viewer: User, editor: User, signed_in: SignedIn
) -> None:
    item = UnitFactory.create(item__folder=birds).item
    address = reverse("item-metadata", args=[item.pk])
    htmx = {"HX-Request": "true"}
    assert signed_in(viewer).post(address, {"metadata": "{}"}).status_code == 403

    wrong = signed_in(editor).post(address, {"metadata": "[1]"}, headers=htmx)
    right = signed_in(editor).post(address, {"metadata": '{"a": 1}'}, headers=htmx)

    assert wrong.status_code == 422
    assert b"item.metadata" in wrong.content
    assert (right.status_code, right["HX-Redirect"]) == (204, reverse("item", args=[item.pk]))
    item.refresh_from_db()
    assert item.client_metadata == {"a": 1}


def test_items__retry_and_delete(birds: Folder, editor: User, signed_in: SignedIn) -> None:
    items = [UnitFactory.create(item__folder=birds).item for _ in range(4)]
    Item.objects.filter(pk=items[0].pk).update(state=ItemState.FAILED, failure="cut off")
    client = signed_in(editor)

    client.post(reverse("item-retry", args=[items[0].pk]))
    client.post(reverse("item-delete", args=[items[1].pk]))
    ticked = [str(item.pk) for item in items[2:]]
    client.post(reverse("folder-items-delete", args=[birds.pk]), {"item": ticked})

    assert Item.objects.get().state == ItemState.PROCESSING
    again = client.post(reverse("folder-items-delete", args=[birds.pk]), {"item": ticked})
    assert again.status_code == 404


def test_schema__key_is_added_deleted_and_restored(
    birds: Folder, viewer: User, editor: User, admin: User, signed_in: SignedIn
) -> None:
    given = {
        "name": "my-embedding",
        "type": KeyType.EMBEDDING,
        "dimensions": "3",
        "metric": "cosine",
        "values": "",
    }
    create = reverse("schema-key-create")
    assert signed_in(viewer).post(create, given).status_code == 403
    wrong = signed_in(editor).post(create, {**given, "dimensions": "5000"})
    assert wrong.status_code == 422
    assert wrong.context["form"].errors["dimensions"]

    assert signed_in(editor).post(create, given)["Location"] == reverse("schema")

    key = MetadataKey.objects.get()
    assert signed_in(editor).post(create, given).status_code == 422
    delete = reverse("schema-key-delete", args=[key.pk])
    assert signed_in(editor).post(delete).status_code == 403
    signed_in(admin).post(delete)
    assert signed_in(admin).get(reverse("schema")).context["deleted"] == [key]
    signed_in(admin).post(reverse("schema-key-restore", args=[key.pk]))
    assert signed_in(viewer).get(reverse("schema")).context["keys"] == [key]


def test_item_page__of_a_video_lists_frames(
    birds: Folder, editor: User, actor_for: ActorFor, signed_in: SignedIn, tmp_path: Path
) -> None:
    file = io.BytesIO(video(tmp_path))
    item = upload_item(actor=actor_for(editor), folder=birds, file=file, name="clip.mp4")
    process_item(item_id=item.pk)

    page = signed_in(editor).get(reverse("item", args=[item.pk]))

    assert [unit.frame for unit in page.context["frames"].rows] == [0, 10, 20]
    picture = signed_in(editor).get(page.context["frames"].rows[2].thumbnail_url)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
