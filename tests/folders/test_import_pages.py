"""Pages of bulk imports."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from folders.choices import ImportState, KeyType, UploadPurpose
from folders.imports.presentation import describe_options, group_errors, preview
from folders.models import Folder, Import, Item, Upload
from folders.services.schema import add_key
from folders.services.uploads import begin_upload, finish_upload, receive_part
from tests.factories import UnitFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def owl(birds: Folder) -> Item:
    """An item to speak of."""
    unit = UnitFactory.create(item__folder=birds, item__name="owl.png")
    item: Item = unit.item
    return item


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which somebody is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def document(*names: str, wings: Any = 2) -> bytes:
    """Metadata for items of these names."""
    rows = [{"name": name, "metadata": {"wings": wings}} for name in names]
    return json.dumps({"items": rows}).encode()


def send(client: Client, folder: Folder, content: bytes, **fields: Any) -> Any:
    """The form without scripts."""
    file = SimpleUploadedFile("owls.json", content)
    address = reverse("folder-import-new", args=[folder.pk])
    return client.post(address, {"kind": "metadata", "file": file, **fields})


def text(answer: Any) -> str:
    """The page without its line breaks."""
    return " ".join(answer.content.decode().split())


def test_new__is_for_editors(
    birds: Folder, viewer: User, editor: User, client_of: Callable[[User], Client]
) -> None:
    address = reverse("folder-import-new", args=[birds.pk])
    assert client_of(viewer).get(address).status_code == 403
    assert send(client_of(viewer), birds, document("owl.png")).status_code == 403
    assert not Import.objects.exists()

    page = client_of(editor).get(address)

    assert [one.kind for one in page.context["importers"]] == [
        "registration",
        "metadata",
        "vectors",
    ]
    assert "Any size" in text(page)


def test_check_then_import__writes_only_at_the_second_step(
    birds: Folder, owl: Item, editor: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(editor)

    sent = send(client, birds, document("owl.png"))
    row = Import.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, reverse("import", args=[row.pk]))
    waiting = client.get(sent["Location"])
    assert 'hx-trigger="every 1s"' in text(waiting)
    run_jobs()
    checked = client.get(sent["Location"])
    assert checked.context["row"].state == ImportState.CHECKED
    assert "Nothing is wrong with the file" in text(checked)
    assert 'hx-trigger="every 1s"' not in text(checked)
    owl.refresh_from_db()
    assert owl.client_metadata == {}

    started = client.post(reverse("import-start", args=[row.pk]))
    assert started["Location"] == reverse("import", args=[row.pk])
    run_jobs()

    done = client.get(sent["Location"])
    assert done.context["row"].state == ImportState.DONE
    assert reverse("folder", args=[birds.pk]) in text(done)
    owl.refresh_from_db()
    assert owl.client_metadata == {"wings": 2}


def test_wrong_entries__are_shown_and_can_be_skipped(
    birds: Folder,
    owl: Item,
    editor: User,
    admin: User,
    actor_for: ActorFor,
    client_of: Callable[[User], Client],
) -> None:
    add_key(actor=actor_for(admin), name="wings", type=KeyType.NUMBER)
    client = client_of(editor)
    rows = [
        {"name": "owl.png", "metadata": {"wings": 2}},
        {"name": "ghost.png", "metadata": {"wings": 2}},
        {"name": "<b>bold</b>.png", "metadata": {}},
    ]
    address = send(client, birds, json.dumps({"items": rows}).encode())["Location"]
    run_jobs()

    page = text(client.get(address))
    assert "items.1.name" in page
    assert "<b>bold</b>" not in page
    row = Import.objects.get()
    download: Any = client.get(reverse("import-errors", args=[row.pk]))
    lines = b"".join(download.streaming_content).decode().splitlines()
    assert len(lines) == 3
    refused = client.post(reverse("import-start", args=[row.pk]), follow=True)
    assert "leave the wrong entries out" in text(refused)

    client.post(reverse("import-start", args=[row.pk]), {"ignore_errors": "on"})
    run_jobs()

    done = client.get(address)
    assert done.context["row"].state == ImportState.DONE
    owl.refresh_from_db()
    assert owl.client_metadata == {"wings": 2}


def test_uploaded_file__is_taken_over(
    birds: Folder, owl: Item, editor: User, actor_for: ActorFor, client_of: Callable[[User], Client]
) -> None:
    """As the page's script does: the file goes by tus, the form only names it."""
    actor, content = actor_for(editor), document("owl.png")
    upload = begin_upload(
        actor=actor,
        folder=birds,
        name="owls.json",
        size=len(content),
        purpose=UploadPurpose.IMPORT,
    )
    file = SimpleUploadedFile("owls.json", content)
    upload = receive_part(upload=upload, offset=0, content=file, length=len(content))
    finish_upload(actor=actor, upload=upload)
    address = reverse("folder-import-new", args=[birds.pk])
    client = client_of(editor)

    # A wrong option sends the form back; the file stays where it is.
    wrong = client.post(address, {"kind": "vectors", "upload": str(upload.pk), "key": "nothing"})
    assert wrong.status_code == 422
    assert f'name="upload" value="{upload.pk}"' in text(wrong)
    assert "is on the server already" in text(wrong)
    sent = client.post(address, {"kind": "metadata", "upload": str(upload.pk)})

    assert sent.status_code == 303
    assert Import.objects.get().file_name == "owls.json"
    assert not Upload.objects.exists()
    run_jobs()
    assert Import.objects.get().state == ImportState.CHECKED


def test_preview__names_the_items(
    birds: Folder, owl: Item, editor: User, client_of: Callable[[User], Client]
) -> None:
    content = json.dumps({"items": [{"id": str(owl.pk), "metadata": {"wings": 2, "b": 1}}]})
    client = client_of(editor)
    send(client, birds, content.encode())
    run_jobs()

    page = client.get(reverse("import", args=[Import.objects.get().pk]))

    assert page.context["preview"].columns == ["Place", "Item", "Metadata"]
    assert page.context["preview"].rows == [["items.0", "owl.png", "b, wings"]]


@pytest.mark.parametrize(
    "fields", [{"kind": "metadata"}, {"kind": "fun"}, {"kind": "metadata", "upload": "x"}]
)
def test_new__says_what_is_missing(
    birds: Folder, editor: User, client_of: Callable[[User], Client], fields: dict[str, str]
) -> None:
    answer = client_of(editor).post(reverse("folder-import-new", args=[birds.pk]), fields)

    assert answer.status_code == 422
    assert 'role="alert"' in text(answer)
    assert not Import.objects.exists()


def test_registration__switches_that_are_not_ticked_are_left_to_the_file(
    birds: Folder, editor: User, client_of: Callable[[User], Client]
) -> None:
    content = b'{"images": [{"objectUrl": "https://example.org/owl.jpg"}]}'

    send(client_of(editor), birds, content, kind="registration", skip_duplicate_urls="on")

    options = Import.objects.get().options
    assert options["skip_duplicate_urls"] is True
    assert "upsert_metadata" not in options


def test_cancel__ends_what_was_checked(
    birds: Folder, owl: Item, viewer: User, editor: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(editor)
    address = send(client, birds, document("owl.png"))["Location"]
    run_jobs()
    cancel = reverse("import-cancel", args=[Import.objects.get().pk])
    assert client_of(viewer).post(cancel).status_code == 403

    client.post(cancel)

    assert "Nothing of it stays" in text(client.get(address))
    again = client.post(cancel, follow=True)
    assert "has ended already" in text(again)


def test_file_that_cannot_be_read__says_why(
    birds: Folder, editor: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(editor)
    address = send(client, birds, b"{")["Location"]
    run_jobs()

    page = client.get(address)

    assert page.context["row"].state == ImportState.FAILED
    assert page.context["row"].failure
    assert "Nothing of the file was imported" in text(page)


def test_list__pages_through_imports(
    birds: Folder, viewer: User, client_of: Callable[[User], Client]
) -> None:
    for number in range(52):
        Import.objects.create(
            organisation=birds.organisation,
            folder=birds,
            kind="metadata",
            file_name=f"{number}.json",
            state=ImportState.DONE,
        )
    client = client_of(viewer)
    address = reverse("folder-imports", args=[birds.pk])

    first = client.get(address)
    rest = client.get(address, {"cursor": first.context["imports"].next_cursor})

    assert len(first.context["imports"].rows) == 50
    assert [row.file_name for row in rest.context["imports"].rows] == ["1.json", "0.json"]
    assert "Import…" not in text(first)


def test_fragment__follows_the_import(
    birds: Folder, owl: Item, editor: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(editor)
    address = send(client, birds, document("owl.png"))["Location"]

    part = client.get(address, headers={"HX-Request": "true"})

    assert b"<html" not in part.content
    assert b'id="import"' in part.content


def test_preview__leaves_out_empty_columns() -> None:
    table = preview(
        [
            {
                "path": "images.0",
                "kind": "image_group",
                "name": "a",
                "parts": 2,
                "vectors": {"v": 4},
            },
            {"path": "images.1", "kind": "image", "name": "", "parts": 0, "vectors": {}},
        ]
    )

    assert table.columns == ["Place", "Kind", "Name", "Parts", "Vectors"]
    assert table.rows == [
        ["images.0", "image group", "a", "2", "v (4)"],
        ["images.1", "image", "", "0", ""],
    ]
    assert preview([{"row": 0, "values": [0.25, 1.0, "nan", 4.0, 5.0]}]).rows == [
        ["0.25, 1, nan, 4 …"]
    ]
    assert preview([]).rows == []


def test_errors__are_grouped_by_what_they_have_in_common() -> None:
    errors = [
        {"code": "type", "expected": "a number", "message": "Not a number.", "path": f"items.{n}"}
        for n in range(60)
    ]
    errors.insert(0, {"code": "not_found", "message": "No such item.", "path": "items.9.name"})

    first, second = group_errors(errors)

    assert (first.message, first.count, len(first.errors)) == ("Not a number.", 60, 50)
    assert (second.message, second.count) == ("No such item.", 1)
    assert (first.expects, second.expects) == (True, False)


def test_options__in_words() -> None:
    assert describe_options({"key": "clip", "upsert": False, "id_kind": ""}) == [
        ("Embedding key", "clip"),
        ("Vectors that are there", "kept; the row is an error"),
    ]
    assert describe_options({"ignore_errors": True}) == []
