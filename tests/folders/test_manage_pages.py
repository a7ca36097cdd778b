"""Pages that manage folders and items: dialogs about ticked items, the picker, items by kind."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from collections_app.models import Collection, CollectionUnit
from embeddings.models import Reduction, ReductionPoint
from folders.choices import ItemKind, ItemState, KeyType, UnitKind
from folders.models import Folder, Item, MetadataKey, Unit
from folders.services import bulk
from tests.embeddings.worlds import make_key, put
from tests.factories import FolderFactory, ItemFactory, UnitFactory

SignedIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def signed_in() -> SignedIn:
    """A browser in which the person has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def ask(client: Client, folder: Folder, action: str, **fields: Any) -> Any:
    """The dialog about ticked items."""
    address = reverse("folder-items-ask", args=[folder.pk, action])
    return client.post(address, fields, headers=HTMX)


@pytest.mark.parametrize("action", ["delete", "move", "edit", "group"])
def test_ask__names_how_many_and_keeps_the_selection(
    birds: Folder, viewer: User, editor: User, signed_in: SignedIn, action: str
) -> None:
    items = [UnitFactory.create(item__folder=birds).item for _ in range(3)]
    ids = [str(item.pk) for item in items[:2]]
    assert ask(signed_in(viewer), birds, action, item=ids).status_code == 403

    some = ask(signed_in(editor), birds, action, item=ids)
    every = ask(signed_in(editor), birds, action, all="1", search="image")

    assert json.loads(some.context["selection"])["items"] == ids
    assert (some.context["count"].number, every.context["count"].number) == (2, 3)
    assert b"2 " in some.content
    none = ask(signed_in(editor), birds, action)
    assert none.headers["HX-Redirect"] == reverse("folder", args=[birds.pk])
    assert ask(signed_in(editor), birds, "burn", all="1").status_code == 404


def test_ask__to_delete_counts_all_that_goes(
    birds: Folder, editor: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, other = (UnitFactory.create(item__folder=birds) for _ in range(2))
    clip = UnitFactory.create(item__folder=birds, item__kind=ItemKind.VIDEO, kind=UnitKind.VIDEO)
    group = UnitFactory.create(
        item__folder=birds, item__kind=ItemKind.IMAGE_GROUP, kind=UnitKind.IMAGE_GROUP
    )
    part = ItemFactory.create(folder=birds, parent=group.item, position=0)
    inner = UnitFactory.create(item=part)
    frames = [
        UnitFactory.create(item=clip.item, kind=UnitKind.FRAME, frame=number) for number in (0, 5)
    ]
    key = make_key(birds)
    put(key, {unit.pk: [1, 2, 3] for unit in (image, other, inner, *frames)})
    for name, unit in (("mine", inner), ("other", other)):
        collection = Collection.objects.create(root=birds, name=name)
        CollectionUnit.objects.create(collection=collection, unit=unit)
    ids = [str(unit.item_id) for unit in (image, clip, group)]

    page = ask(signed_in(editor), birds, "delete", item=ids)

    text = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
    for said in (
        "1 image 1 image group 1 video 1 image in them 2 indexed frames 4 vectors",
        "1 collection of “Birds” loses them, and stays.",
    ):
        assert said in text
    monkeypatch.setattr("folders.selection_contents._COUNTED", 2)
    many = ask(signed_in(editor), birds, "delete", item=ids).content.decode()
    assert "vectors and places in collections and on maps go with them" in many


def test_move__by_the_dialog(
    birds: Folder, night: Folder, boats: Folder, editor: User, signed_in: SignedIn
) -> None:
    client = signed_in(editor)
    item = UnitFactory.create(item__folder=birds).item
    selection = ask(client, birds, "move", item=str(item.pk)).context["selection"]
    address = reverse("folder-items-move", args=[birds.pk])

    nowhere = client.post(address, {"selection": selection}, headers=HTMX)
    assert (nowhere.status_code, b"Choose a folder" in nowhere.content) == (422, True)
    unseen = {"selection": selection, "parent": str(boats.pk)}
    assert client.post(address, unseen, headers=HTMX).status_code == 404
    broken = {"selection": "{", "parent": str(night.pk)}
    assert client.post(address, broken, headers=HTMX).status_code == 400
    done = client.post(address, {"selection": selection, "parent": str(night.pk)}, headers=HTMX)

    assert done.headers["HX-Redirect"] == reverse("folder", args=[birds.pk])
    item.refresh_from_db()
    assert item.folder == night


def test_edit__shows_a_wrong_value_at_its_field(
    birds: Folder, editor: User, signed_in: SignedIn
) -> None:
    MetadataKey.objects.create(organisation=birds.organisation, name="wings", type=KeyType.NUMBER)
    client, item = signed_in(editor), UnitFactory.create(item__folder=birds).item
    selection = ask(client, birds, "edit", all="1").context["selection"]
    address = reverse("folder-items-edit", args=[birds.pk])
    said = {"selection": selection, "do-wings": "set"}

    wrong = client.post(address, said | {"value-wings": "two"}, headers=HTMX)
    (field,) = wrong.context["fields"]
    assert (wrong.status_code, field.text, field.do) == (422, "two", "set")
    assert field.error == "This is no number."
    client.post(address, said | {"value-wings": "2"}, headers=HTMX)

    item.refresh_from_db()
    assert item.client_metadata == {"wings": 2}


@pytest.mark.parametrize("hidden", [True, False])
def test_delete__of_many_hides_them_and_of_a_great_many_is_a_job(
    birds: Folder,
    editor: User,
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
    *,
    hidden: bool,
) -> None:
    monkeypatch.setattr(bulk, "_ITEMS_AT_ONCE", 0)
    if not hidden:
        monkeypatch.setattr(bulk, "_HIDDEN_ITEMS_AT_ONCE", 0)
    UnitFactory.create_batch(3, item__folder=birds)
    client = signed_in(editor)
    selection = ask(client, birds, "delete", all="1").context["selection"]
    address = reverse("folder-items-delete", args=[birds.pk])

    page = client.post(address, {"selection": selection}, follow=True)

    told = b"3 items were deleted. A job removes" if hidden else b"A job works through 3 items"
    assert told in page.content
    left = signed_in(editor).get(reverse("folder-items-count", args=[birds.pk])).content
    assert left == (b"0" if hidden else b"3")


def test_picker__offers_what_can_be_chosen(
    birds: Folder,
    night: Folder,
    boats: Folder,
    folder_admin: User,
    viewer: User,
    admin: User,
    signed_in: SignedIn,
) -> None:
    FolderFactory.create(parent=night, name="Owls")
    address = reverse("folder-pick")

    def picked(user: User, **query: str) -> dict[str, tuple[bool, bool]]:
        choices = signed_in(user).get(address, query).context["choices"]
        return {one.folder.name: (one.is_possible, one.is_parent) for one in choices}

    assert picked(viewer) == {"Birds": (False, True)}
    assert picked(folder_admin) == {"Birds": (True, True)}
    assert picked(admin) == {"Birds": (True, True), "Boats": (True, False)}
    below = {"in": str(birds.pk), "moving": str(night.pk)}
    assert picked(folder_admin, **below) == {"Night": (False, True)}
    assert picked(folder_admin, search="owl", moving=str(night.pk)) == {"Owls": (False, False)}
    found = signed_in(folder_admin).get(address, {"search": "owl"}).context["choices"]
    assert found[0].above == ("Birds", "Night")
    assert signed_in(viewer).get(address, {"in": str(boats.pk)}).status_code == 404
    assert signed_in(viewer).get(address, {"in": "x"}).status_code == 404


def test_folder_move__asks_and_moves(
    birds: Folder, night: Folder, boats: Folder, editor: User, admin: User, signed_in: SignedIn
) -> None:
    address = reverse("folder-move", args=[night.pk])
    assert signed_in(editor).get(address).status_code == 403
    client = signed_in(admin)

    asked = client.get(address, headers=HTMX)
    wrong = client.post(address, {}, headers=HTMX)
    below = reverse("folder-move", args=[birds.pk])
    refused = client.post(below, {"parent": str(night.pk)}, headers=HTMX)
    done = client.post(address, {"parent": str(boats.pk)}, headers=HTMX)

    assert asked.context["top"] is True
    assert (wrong.status_code, refused.status_code) == (422, 422)
    assert b"cannot be moved below itself" in refused.content
    assert done.headers["HX-Redirect"] == reverse("folder", args=[night.pk])
    night.refresh_from_db()
    assert night.root == boats


def test_item__of_each_kind_has_its_viewer(
    birds: Folder, viewer: User, outsider: User, signed_in: SignedIn
) -> None:
    made: dict[str, Item] = {}
    for kind in ItemKind:
        unit = UnitFactory.create(item__folder=birds, item__kind=kind, kind=UnitKind(kind))
        made[kind] = unit.item
    sequence, group = made[ItemKind.IMAGE_SEQUENCE], made[ItemKind.IMAGE_GROUP]
    for whole in (sequence, group):
        for place in range(2):
            ItemFactory.create(
                folder=birds, parent=whole, position=place, name=f"{whole.kind}-{place}"
            )
    Item.objects.filter(pk=sequence.pk).update(frame_count=2)
    Unit.objects.create(
        item=sequence,
        frame=1,
        timestamp=1,
        kind=UnitKind.FRAME,
        folder=birds,
        root=birds,
        is_key_frame=True,
    )
    client = signed_in(viewer)
    for item in made.values():
        assert signed_in(outsider).get(reverse("item", args=[item.pk])).status_code == 404
    pages = {kind: client.get(reverse("item", args=[item.pk])) for kind, item in made.items()}

    assert b"data-zoom" in pages[ItemKind.IMAGE].content
    assert b"<video" in pages[ItemKind.VIDEO].content
    assert b"data-sequence" in pages[ItemKind.IMAGE_SEQUENCE].content
    assert pages[ItemKind.IMAGE_SEQUENCE].context["marks"] == [{"frame": 1, "at": 998}]
    parts = pages[ItemKind.IMAGE_GROUP].context["parts"].rows
    assert [part.name for part in parts] == ["image_group-0", "image_group-1"]
    part = client.get(reverse("item", args=[parts[0].pk]))
    assert (part.context["previous"], part.context["next"]) == (None, parts[1])
    assert group.name.encode() in part.content
    # Parts are no rows of the folder.
    assert b"image_group-0" not in client.get(reverse("folder", args=[birds.pk])).content


def test_item__failed_says_why_and_is_tried_again(
    birds: Folder, editor: User, signed_in: SignedIn
) -> None:
    item = ItemFactory.create(folder=birds, state=ItemState.FAILED, failure="The file is empty.")
    page = signed_in(editor).get(reverse("item", args=[item.pk]))

    assert b"The file is empty." in page.content
    assert reverse("item-retry", args=[item.pk]).encode() in page.content


def test_item_values__change_what_was_touched(
    birds: Folder, viewer: User, editor: User, signed_in: SignedIn
) -> None:
    MetadataKey.objects.create(organisation=birds.organisation, name="wings", type=KeyType.NUMBER)
    metadata = {"wings": 2, "free": {"a": 1}}
    item = UnitFactory.create(item__folder=birds, item__client_metadata=metadata).item
    address = reverse("item-values", args=[item.pk])
    assert signed_in(viewer).post(address, {"value-wings": "3"}).status_code == 403
    client = signed_in(editor)

    wrong = client.post(address, {"value-wings": "x", "value-free": "[1]"}, headers=HTMX)
    assert wrong.status_code == 422
    assert {field.name: bool(field.error) for field in wrong.context["fields"]} == {
        "free": False,
        "wings": True,
    }
    repeated = client.post(address, {"new-name": "wings", "new-value": "1"}, headers=HTMX)
    assert (repeated.status_code, b"already" in repeated.content) == (422, True)
    said = {"value-wings": "3", "value-free": "", "new-name": "note", "new-value": "seen"}
    assert client.post(address, said, headers=HTMX).status_code == 204

    item.refresh_from_db()
    assert item.client_metadata == {"wings": 3, "free": None, "note": "seen"}


def test_item_vector__gives_the_values(
    birds: Folder, viewer: User, outsider: User, signed_in: SignedIn
) -> None:
    unit, key = UnitFactory.create(item__folder=birds), make_key(birds)
    put(key, {unit.pk: [0.1, 2.0, 3.0]})
    address = reverse("item-vector", args=[unit.item_id, key.name])
    assert signed_in(outsider).get(address).status_code == 404

    answer = signed_in(viewer).get(address, {"download": ""})
    page = signed_in(viewer).get(reverse("item", args=[unit.item_id]))

    assert answer.json()["values"] == [0.1, 2.0, 3.0]
    assert answer["Content-Disposition"].startswith("attachment")
    (row,) = page.context["vectors"]
    assert row.norm == pytest.approx(3.606, abs=1e-3)
    missing = reverse("item-vector", args=[unit.item_id, "other"])
    assert signed_in(viewer).get(missing).status_code == 404


def test_deleted_folder__is_on_no_page(
    birds: Folder, night: Folder, admin: User, viewer: User, signed_in: SignedIn
) -> None:
    stays, goes = UnitFactory.create(item__folder=birds), UnitFactory.create(item__folder=night)
    key = make_key(birds)
    put(key, {stays.pk: [1, 2, 3], goes.pk: [1, 2, 4]})
    collection = Collection.objects.create(root=birds, name="Singers")
    reduction = Reduction.objects.create(
        root=birds, key=key, version=1, state="ready", finished_at=timezone.now()
    )
    for place, unit in enumerate((stays, goes)):
        CollectionUnit.objects.create(collection=collection, unit=unit)
        ReductionPoint.objects.create(
            reduction=reduction, unit=unit, x=place, y=place, ordinal=place
        )
    # As a deletion leaves it whose job has not begun.
    Folder.objects.filter(pk=night.pk).update(deleted_at=timezone.now())
    for user in (admin, viewer):
        client = signed_in(user)
        for name, thing in (
            ("folder", night.pk),
            ("folder-status", night.pk),
            ("item", goes.item_id),
            ("item-original", goes.item_id),
            ("api-folder", night.pk),
            ("api-items", night.pk),
            ("api-item", goes.item_id),
        ):
            assert client.get(reverse(name, args=[thing])).status_code == 404, name
        for name, args in (("files", []), ("folder", [birds.pk]), ("explorer", [birds.pk])):
            page = client.get(reverse(name, args=args))
            assert b"Night" not in page.content, name
            assert goes.item.name.encode() not in page.content, name
        found = client.get(reverse("files"), {"search": goes.item.name[:8]}).context["found"]
        assert goes.item not in found.items
        shown = client.get(reverse("collection", args=[collection.pk]))
        assert goes.item.name.encode() not in shown.content
        points = client.get(reverse("map", args=[reduction.pk])).json()["points"]
        assert points["count"] == 1
        assert points["coverage"]["units"] == 1
        count = client.get(reverse("api-collection", args=[collection.pk])).json()["units"]
        assert count == 1


def test_metadata__of_an_image_in_a_sequence_is_that_of_the_frame(
    birds: Folder, editor: User, signed_in: SignedIn
) -> None:
    whole = UnitFactory.create(
        item__folder=birds, item__kind=ItemKind.IMAGE_SEQUENCE, kind=UnitKind.IMAGE_SEQUENCE
    )
    part = ItemFactory.create(folder=birds, parent=whole.item, position=0)
    address = reverse("api-item", args=[part.pk])

    answer = signed_in(editor).patch(
        address, {"metadata": {"note": "x"}}, content_type="application/json"
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "frame_of_a_sequence"
    page = signed_in(editor).get(reverse("item", args=[part.pk]))
    assert b"Edit values" not in page.content
