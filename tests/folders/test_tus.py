"""The tus protocol, as a client speaks it to pages and to REST."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from folders.choices import UploadPurpose
from folders.models import Folder, Item, Upload
from tests.folders.media_files import png

ActorFor = Callable[[User], Actor]
PNG = png(64, 48)
BYTES = "application/offset+octet-stream"


def metadata(**pairs: str) -> str:
    """The header Upload-Metadata."""
    return ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs.items()
    )


@dataclass
class Tus:
    """A client of the protocol."""

    client: Client
    address: str

    def ask(self, method: str, path: str = "", data: bytes | None = None, **headers: Any) -> Any:
        given = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        if data is not None:
            # Django's client leaves it out of a request without a body.
            given["Content-Type"] = BYTES
        return self.client.generic(
            method,
            path or self.address,
            data or b"",
            content_type="",
            headers={"Tus-Resumable": "1.0.0", **given},
        )

    def create(self, size: int, data: bytes | None = None, **headers: Any) -> Any:
        given = {"Upload_Metadata": metadata(filename="owl.png"), **headers}
        return self.ask("POST", data=data, Upload_Length=size, **given)

    def patch(self, path: str, offset: int, data: bytes, **headers: Any) -> Any:
        return self.ask("PATCH", path, data, Upload_Offset=offset, **headers)


@pytest.fixture(params=["page", "rest"])
def tus(request: pytest.FixtureRequest, birds: Folder, editor: User, actor_for: ActorFor) -> Tus:
    """The editor's client, once by session and once by token."""
    if request.param == "page":
        client = Client()
        client.force_login(editor)
        return Tus(client, reverse("folder-uploads", args=[birds.pk]))
    _, token = create_token(actor=actor_for(editor), name="Cron", scope=TokenScope.WRITE)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    return Tus(client, reverse("api-uploads", args=[birds.pk]))


def test_options__says_what_is_understood(tus: Tus, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = 1234

    answer = tus.client.options(tus.address)

    assert answer.status_code == 204
    assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
    assert {"creation", "creation-with-upload", "termination", "expiration"} <= set(
        answer["Tus-Extension"].split(",")
    )
    assert answer["Tus-Max-Size"] == "1234"


def test_whole_file__takes_one_request(tus: Tus) -> None:
    answer = tus.create(len(PNG), PNG)

    item = Item.objects.get()
    assert answer.status_code == 201
    assert answer["Kindred-Item"] == str(item.pk)
    assert answer["Upload-Offset"] == str(len(PNG))
    assert answer.json()["item"] == {
        "id": str(item.pk),
        "name": "owl.png",
        "kind": "image",
        "state": "processing",
        "url": reverse("item", args=[item.pk]),
    }


def test_parts__go_on_where_the_server_stands(tus: Tus) -> None:
    created = tus.create(len(PNG))
    location = created["Location"]
    assert (created.status_code, created["Upload-Offset"]) == (201, "0")
    assert created.json()["item"] is None

    first = tus.patch(location, 0, PNG[:7])
    assert (first.status_code, first["Upload-Offset"]) == (204, "7")
    assert "Kindred-Item" not in first
    assert tus.patch(location, 0, PNG[:7]).status_code == 409
    assert tus.patch(location, 8, PNG[8:]).status_code == 409
    stands = tus.ask("HEAD", location)
    assert (stands["Upload-Offset"], stands["Upload-Length"]) == ("7", str(len(PNG)))
    assert stands["Cache-Control"] == "no-store"
    assert "Upload-Expires" in stands
    last = tus.patch(location, 7, PNG[7:], Accept="application/json")

    item = Item.objects.get()
    assert (last.status_code, last["Kindred-Item"]) == (200, str(item.pk))
    assert last.json()["item"]["id"] == str(item.pk)
    with default_storage.open(item.storage_key) as file:
        assert file.read() == PNG


def test_last_part__repeated_makes_no_second_item(tus: Tus) -> None:
    location = tus.create(len(PNG))["Location"]
    tus.patch(location, 0, PNG)

    # The answer was lost; the client looks, and asks once more with nothing to send.
    stands = tus.ask("HEAD", location)
    again = tus.patch(location, len(PNG), b"", Accept="application/json")

    item = Item.objects.get()
    assert stands["Kindred-Item"] == again["Kindred-Item"] == str(item.pk)
    assert again.json()["item"]["id"] == str(item.pk)


def test_announced_again_under_one_key__makes_no_second_item(tus: Tus) -> None:
    """As when the connection broke after the server had all, and before it could say so."""
    named = {"Upload_Metadata": metadata(filename="owl.png", key="drop-1")}

    first = tus.create(len(PNG), PNG, **named)
    again = tus.create(len(PNG), PNG, **named)

    assert (again.status_code, again["Location"]) == (201, first["Location"])
    assert again["Upload-Offset"] == str(len(PNG))
    assert again["Kindred-Item"] == first["Kindred-Item"] == str(Item.objects.get().pk)
    assert tus.create(3, b"abc", **named).status_code == 409


def test_announced_again_under_one_key__goes_on_from_what_arrived(tus: Tus) -> None:
    named = {"Upload_Metadata": metadata(filename="owl.png", key="drop-1")}
    tus.create(len(PNG), PNG[:10], **named)

    again = tus.create(len(PNG), PNG[:20], **named)

    assert again["Upload-Offset"] == "10"
    assert tus.patch(again["Location"], 10, PNG[10:])["Kindred-Item"]


def test_empty_last_part__makes_the_item_that_a_killed_process_owes(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = tus.create(len(PNG))["Location"]
    with monkeypatch.context() as patched:
        patched.setattr("folders.tus.finish_upload", lambda actor, upload: upload)
        tus.patch(location, 0, PNG)
    assert not Item.objects.exists()
    assert "Kindred-Item" not in tus.ask("HEAD", location)

    again = tus.patch(location, len(PNG), b"")

    assert again["Kindred-Item"] == str(Item.objects.get().pk)


def test_import__is_kept_as_a_file(tus: Tus) -> None:
    answer = tus.create(
        4, b"a,b\n", Upload_Metadata=metadata(filename="a.csv", purpose=UploadPurpose.IMPORT)
    )

    upload = Upload.objects.get()
    assert answer.status_code == 201
    assert answer.json()["id"] == str(upload.pk)
    assert (upload.purpose, upload.is_complete) == (UploadPurpose.IMPORT, True)
    assert not Item.objects.exists()


def test_delete__gives_the_upload_up(tus: Tus) -> None:
    location = tus.create(9, b"1234")["Location"]

    answer = tus.ask("DELETE", location)

    assert (answer.status_code, answer["Tus-Resumable"]) == (204, "1.0.0")
    assert tus.ask("HEAD", location).status_code == 404
    assert not Upload.objects.exists()


def test_expired__is_gone(tus: Tus) -> None:
    location = tus.create(9, b"1234")["Location"]
    Upload.objects.update(expires_at=timezone.now())

    assert tus.ask("HEAD", location).status_code == 410
    assert tus.patch(location, 4, b"56789").status_code == 410


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus_Resumable": "0.2.2"}, 412),
        ({"Upload_Length": "many"}, 400),
        ({"Upload_Length": "-1"}, 400),
        ({"Upload_Length": "9" * 19}, 400),
        ({"Upload_Length": "2000"}, 413),
        ({"Upload_Metadata": ""}, 400),
        ({"Upload_Metadata": "filename %%%"}, 400),
        ({"Upload_Metadata": metadata(filename="a\x00b.png")}, 400),
        ({"Upload_Metadata": metadata(filename="owl.png", purpose="fun")}, 400),
    ],
)
def test_create__refuses_what_it_cannot_use(
    tus: Tus, settings: LazySettings, headers: dict[str, str], status: int
) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    given: dict[str, Any] = {
        "Upload_Length": "10",
        "Upload_Metadata": metadata(filename="owl.png"),
        **headers,
    }

    answer = tus.ask("POST", **given)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Tus-Resumable"] == "1.0.0"
    assert not Upload.objects.exists()


def test_patch__refuses_what_it_cannot_use(tus: Tus) -> None:
    location = tus.create(9)["Location"]

    assert tus.patch(location, 0, b"0123456789").status_code == 413
    assert tus.ask("PATCH", location, b"1234").status_code == 400
    assert tus.ask("PATCH", location, None, Upload_Offset=0).status_code == 415
    assert tus.patch(location, 0, b"1234", Tus_Resumable="2.0.0").status_code == 412
    assert Upload.objects.get().offset == 0


def test_checksum__is_verified(tus: Tus) -> None:
    location = tus.create(9)["Location"]
    digest = base64.b64encode(hashlib.sha1(b"1234", usedforsecurity=False).digest()).decode()

    assert tus.patch(location, 0, b"1235", Upload_Checksum=f"sha1 {digest}").status_code == 460
    assert tus.patch(location, 0, b"1234", Upload_Checksum=f"crc32 {digest}").status_code == 400
    assert tus.patch(location, 0, b"1234", Upload_Checksum="sha1 %").status_code == 400
    assert tus.patch(location, 0, b"1234", Upload_Checksum=f"sha1 {digest}").status_code == 204


def test_page__forged_requests_are_refused(birds: Folder, editor: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)

    answer = Tus(client, reverse("folder-uploads", args=[birds.pk])).create(len(PNG), PNG)

    assert answer.status_code == 403
    assert not Upload.objects.exists()


def test_head__tells_nobody_else(tus: Tus, folder_admin: User) -> None:
    location = tus.create(9, b"1234")["Location"]
    client = Client()
    client.force_login(folder_admin)

    assert Tus(client, "").ask("HEAD", location).status_code in (401, 404)
