"""One shape for every error, whoever refuses."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from folders.models import Folder
from tests.rest.conftest import Program

MakeProgram = Callable[[User], Program]
PROBLEM = "application/problem+json"


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal, once it is seen to be one."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "code", "detail", "request_id"} <= body.keys()
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == answer["X-Request-Id"]
    return body


def test_errors__of_the_request_as_a_whole(
    viewer: User, birds: Folder, program: MakeProgram
) -> None:
    caller = program(viewer)

    problem(Client().get("/api/v1/me/"), 401, "not_signed_in")
    problem(caller.get("nowhere/"), 404, "no_route")
    problem(caller.get(f"folders/{uuid4()}/"), 404, "not_found")
    problem(caller.get("me/", Accept="text/html"), 406, "not_acceptable")
    problem(caller.post(f"folders/{birds.pk}/paths/", {"paths": []}), 403, "not_allowed")
    not_allowed = caller.send("DELETE", "me/")
    problem(not_allowed, 405, "method_not_allowed")
    assert {"GET", "PATCH"} <= set(not_allowed["Allow"].split(", "))
    text = caller.client.patch("/api/v1/me/", "name", content_type="text/csv")
    problem(text, 415, "unsupported_media_type")
    broken = caller.client.patch("/api/v1/me/", '{"name": ', content_type="application/json")
    problem(broken, 400, "parse_error")
    problem(caller.get("jobs/?cursor=nonsense"), 400, "bad_cursor")
    assert problem(caller.get("jobs/?limit=0"), 400, "invalid_input")["errors"][0]["path"] == (
        "limit"
    )


def test_errors__name_every_wrong_field(admin: User, birds: Folder, program: MakeProgram) -> None:
    caller = program(admin)

    answer = caller.post("integrations/", {"provider": "ftp"})
    nested = caller.post(f"folders/{birds.pk}/items/metadata/", {"items": ["no id"]})

    paths = {error["path"] for error in problem(answer, 400, "invalid_input")["errors"]}
    assert paths == {"name", "provider"}
    paths = {error["path"] for error in problem(nested, 400, "invalid_input")["errors"]}
    assert paths == {"items.0", "metadata"}


def test_errors__an_address_without_its_slash_loses_no_body(
    editor: User, program: MakeProgram
) -> None:
    caller = program(editor)

    assert caller.get("folders").status_code == 301
    problem(caller.post("folders", {"name": "Owls"}), 404, "no_route")
    assert not Folder.objects.filter(name="Owls").exists()


def test_errors__a_body_that_is_too_large(
    editor: User, program: MakeProgram, settings: LazySettings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20
    caller = program(editor)

    plain = caller.post("folders/", {"name": "x" * 2**20})
    with_key = caller.post("folders/", {"name": "x" * 2**20}, Idempotency_Key="a1")

    problem(plain, 413, "body_too_large")
    problem(with_key, 413, "body_too_large")


def test_errors__what_nobody_foresaw(
    viewer: User, program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr("accounts.api.me.MeView.get", fail)
    caller = program(viewer)
    caller.client.raise_request_exception = False

    body = problem(caller.get("me/"), 500, "internal_error")

    assert "secret" not in str(body)


def test_errors__pages_keep_theirs(client: Client, viewer: User) -> None:
    client.force_login(viewer)

    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_request_id__is_in_every_answer_and_taken_over(viewer: User, program: MakeProgram) -> None:
    caller = program(viewer)

    assert caller.get("me/", X_Request_Id="nightly-import-7")["X-Request-Id"] == "nightly-import-7"
    first, second = caller.get("me/")["X-Request-Id"], caller.get("nowhere/")["X-Request-Id"]
    assert len({first, second, ""}) == 3
    assert caller.get("me/", X_Request_Id="a\tb")["X-Request-Id"] != "a\tb"
