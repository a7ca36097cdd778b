"""A POST with an Idempotency-Key is carried out once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User
from core.models import StoredAnswer
from core.services.stored_answers import claim, prune_answers
from folders.models import Folder, Item
from tests.folders.media_files import png
from tests.rest.conftest import Program

MakeProgram = Callable[[User], Program]


def test_key__the_second_answer_is_the_first(editor: User, program: MakeProgram) -> None:
    caller = program(editor)

    first = caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a1")
    second = caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a1")
    other = caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a2")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json() != other.json()
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert second["X-Request-Id"] != first["X-Request-Id"]
    assert Folder.objects.filter(name="Owls").count() == 2


def test_key__with_another_request_is_refused(
    editor: User, birds: Folder, program: MakeProgram
) -> None:
    caller = program(editor)
    caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a1")

    body = caller.post("folders/", {"name": "Tits"}, Idempotency_Key="a1")
    address = caller.post(f"folders/{birds.pk}/paths/", {"paths": ["Owls"]}, Idempotency_Key="a1")

    for refused in (body, address):
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert not Folder.objects.filter(name="Tits").exists()


def test_key__belongs_to_one_person_and_organisation(
    editor: User, admin: User, outsider: User, program: MakeProgram
) -> None:
    made = [
        program(user).post("folders/", {"name": "Owls"}, Idempotency_Key="same").json()["id"]
        for user in (editor, admin, outsider)
    ]

    assert len(set(made)) == 3


def test_key__an_error_is_not_kept(editor: User, program: MakeProgram) -> None:
    caller = program(editor)
    assert caller.post("folders/", {"name": ""}, Idempotency_Key="a1").status_code == 400
    assert not StoredAnswer.objects.exists()

    mended = caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a1")

    assert mended.status_code == 201


def test_key__what_an_error_leaves_behind_is_taken_back(
    editor: User, program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a view wrote before it failed."""

    def refuse(*_: Any, **__: Any) -> None:
        raise ValueError("after the folder was made")

    monkeypatch.setattr("core.api.views.keep", refuse)

    with pytest.raises(ValueError, match="after the folder"):
        program(editor).post("folders/", {"name": "Owls"}, Idempotency_Key="a1")

    assert not Folder.objects.filter(name="Owls").exists()


def test_key__is_forgotten_after_a_day(editor: User, program: MakeProgram) -> None:
    caller = program(editor)
    first = caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a1").json()
    kept = StoredAnswer.objects.get()
    kept.created_at -= timedelta(hours=23, minutes=59)
    kept.save()
    assert caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a1").json() == first
    assert prune_answers() == 0
    kept.created_at -= timedelta(minutes=2)
    kept.save()

    again = caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a1").json()

    assert again["id"] != first["id"]
    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert prune_answers() == 1
    assert not StoredAnswer.objects.exists()


def test_key__forms_are_recognised_by_their_content(
    editor: User, birds: Folder, program: MakeProgram
) -> None:
    """Each attempt of a client has a boundary of its own."""
    caller = program(editor)
    address = f"/api/v1/folders/{birds.pk}/items/"

    def send(content: bytes, boundary: str) -> Any:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="owl.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        ).encode()
        body += content + f"\r\n--{boundary}--\r\n".encode()
        media = f"multipart/form-data; boundary={boundary}"
        return caller.client.post(
            address, body, content_type=media, headers={"Idempotency-Key": "a1"}
        )

    first, second = send(png(), "one"), send(png(), "two")
    other = send(png() + b"x", "one")

    assert first.json() == second.json()
    assert Item.objects.count() == 1
    assert other.status_code == 422


def test_key__answers_with_secrets_are_kept_encrypted(client: Client, editor: User) -> None:
    client.force_login(editor)
    headers = {"Idempotency-Key": "not-hexadecimal"}
    body = {"name": "Import", "scope": "write"}

    def make() -> Any:
        return client.post(
            "/api/v1/tokens/", body, content_type="application/json", headers=headers
        )

    token = make().json()["token"]

    assert make().json()["token"] == token
    assert ApiToken.objects.count() == 1
    assert token.encode() not in bytes(StoredAnswer.objects.get().answer)
    assert "not-hexadecimal" not in StoredAnswer.objects.get().digest


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "Käuzchen"])
def test_key__that_is_none_is_refused(editor: User, program: MakeProgram, key: str) -> None:
    answer = program(editor).post("folders/", {"name": "Owls"}, Idempotency_Key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")


def test_key__does_not_open_doors(
    editor: User, viewer: User, birds: Folder, program: MakeProgram
) -> None:
    """Rights are looked at before stored answers are, and for each person anew."""
    caller = program(editor)
    path = f"folders/{birds.pk}/paths/"
    made = caller.post(path, {"paths": ["Owls"]}, Idempotency_Key="a1")
    assert made.status_code == 200

    assert program(viewer).post(path, {"paths": ["Owls"]}, Idempotency_Key="a1").status_code == 403
    ApiToken.objects.update(revoked_at=timezone.now())
    assert caller.post(path, {"paths": ["Owls"]}, Idempotency_Key="a1").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_key__two_at_once_do_it_once(editor: User, program: MakeProgram) -> None:
    """While one holds the key the other is told to wait; afterwards it gets the same answer."""
    caller = program(editor)
    begun, go_on = threading.Event(), threading.Event()
    answers: dict[str, Any] = {}

    def first() -> None:
        """Holds the key's lock as a slow request does."""
        from django.db import transaction

        with transaction.atomic():
            claim(actor=caller.actor, key="a1", fingerprint="of the first")
            begun.set()
            assert go_on.wait(30)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(30)
    busy = caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a1")
    free = caller.post("folders/", {"name": "Tits"}, Idempotency_Key="a2")
    go_on.set()
    thread.join()

    assert (busy.status_code, busy.json()["code"]) == (409, "idempotency_key_in_use")
    assert busy["Retry-After"] == "1"
    assert free.status_code == 201
    assert not Folder.objects.filter(name="Owls").exists()

    def send(name: str) -> None:
        answers[name] = Program.post(caller, "folders/", {"name": "Owls"}, Idempotency_Key="a1")
        connection.close()

    threads = [threading.Thread(target=send, args=[str(n)]) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    statuses = {answer.status_code for answer in answers.values()}
    assert statuses <= {201, 409}
    assert Folder.objects.filter(name="Owls").count() == 1
    assert caller.post("folders/", {"name": "Owls"}, Idempotency_Key="a1").status_code == 201
    assert Folder.objects.filter(name="Owls").count() == 1
