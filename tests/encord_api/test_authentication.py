"""Who may call, by signature and by token, without the SDK."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import SSHKey, User
from accounts.services.key_tokens import issue_key_token
from accounts.services.ssh_keys import add_ssh_key, revoke_ssh_key
from accounts.services.tokens import create_token
from tests.encord_api import vectors

MOMENT = datetime.fromtimestamp(vectors.CREATED, UTC)
ActorFor = Callable[[User], Actor]


@pytest.fixture
def key(editor: User, actor_for: ActorFor) -> SSHKey:
    """The key of the captured requests, registered."""
    return add_ssh_key(actor=actor_for(editor), public_key=vectors.KEY)


def ask(client: Client, **changed: str) -> Any:
    """The captured request without a body; the item that it asks for does not exist."""
    headers = vectors.GET_HEADERS | {name.replace("_", "-"): v for name, v in changed.items()}
    return client.get(vectors.GET_TARGET, headers=headers)


def test_signature__of_a_registered_key_is_let_in_until_it_is_revoked(
    client: Client, db: None, editor: User, actor_for: ActorFor
) -> None:
    with time_machine.travel(MOMENT, tick=False):
        unknown = ask(client)
        assert unknown.status_code == 401
        assert "not registered" in unknown.json()["message"]
        assert unknown["WWW-Authenticate"] == "Bearer"

        key = add_ssh_key(actor=actor_for(editor), public_key=vectors.KEY)
        assert ask(client).status_code != 401
        # A retry sends the very same.
        assert ask(client).status_code != 401
        key.refresh_from_db()
        assert key.last_used_at == MOMENT

        revoke_ssh_key(actor=actor_for(editor), key=key)
        assert ask(client).status_code == 401


def test_signature__of_an_inactive_person_is_refused(
    client: Client, key: SSHKey, editor: User
) -> None:
    User.objects.filter(pk=editor.pk).update(is_active=False)

    with time_machine.travel(MOMENT, tick=False):
        assert ask(client).status_code == 401


def test_signature__body_target_method_and_time_are_covered(client: Client, key: SSHKey) -> None:
    def send(body: bytes = vectors.PATCH_BODY, target: str = vectors.PATCH_TARGET) -> int:
        return client.patch(
            target, body, content_type="application/json", headers=vectors.PATCH_HEADERS
        ).status_code

    with time_machine.travel(MOMENT, tick=False):
        assert send() != 401
        assert send(body=vectors.PATCH_BODY + b" ") == 401
        assert send(target=vectors.PATCH_TARGET + "?a=b") == 401
        assert client.delete(vectors.GET_TARGET, headers=vectors.GET_HEADERS).status_code == 401
        assert ask(client, Signature="encord-sig=:AAAA:").status_code == 401
    with time_machine.travel(MOMENT + timedelta(minutes=16), tick=False):
        assert send() != 401
    with time_machine.travel(MOMENT + timedelta(minutes=21), tick=False):
        assert send() == 401


def test_bearer_token__of_a_signature_lasts_an_hour_and_ends_with_the_key(
    client: Client, key: SSHKey, editor: User, actor_for: ActorFor
) -> None:
    def status(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return client.get("/v2/public/user/bearer-token", headers=headers).status_code

    with time_machine.travel(MOMENT, tick=False):
        token = issue_key_token(key)
        assert status(token) == 200
        assert status(token[:-1]) == 401
        me = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"})
        assert me.json()["user"]["email"] == editor.email
    with time_machine.travel(MOMENT + timedelta(minutes=61), tick=False):
        assert status(token) == 401
    with time_machine.travel(MOMENT, tick=False):
        revoke_ssh_key(actor=actor_for(editor), key=key)
        assert status(token) == 401


def test_bearer_token__of_a_token_is_that_token(
    client: Client, editor: User, actor_for: ActorFor
) -> None:
    _, token = create_token(actor=actor_for(editor), name="t", scope=TokenScope.READ)
    headers = {"Authorization": f"Bearer {token}"}

    answer = client.get("/v2/public/user/bearer-token", headers=headers)

    assert answer.json() == {"token": token}


def test_unknown_calls__are_not_supported_for_those_who_are_let_in(
    client: Client, editor: User, actor_for: ActorFor
) -> None:
    _, token = create_token(actor=actor_for(editor), name="t", scope=TokenScope.WRITE)

    assert client.get("/v2/public/projects").status_code == 401
    answer = client.post("/v2/public/projects", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 405
    assert "does not support" in answer.json()["message"]


def test_legacy__verifies_and_refuses(client: Client, editor: User, actor_for: ActorFor) -> None:
    def send(path: str, authorization: str) -> tuple[int, Any]:
        answer = client.post(
            path,
            vectors.LEGACY_BODY,
            content_type="application/json",
            headers={"Authorization": authorization},
        )
        return answer.status_code, answer.json()["response"]

    for path in ("/public", "/public/user"):
        signed = vectors.LEGACY_AUTHORIZATION
        assert send(path, signed) == (200, ["SSH_KEY_NOT_FOUND_ERROR"])
        assert send(path, "") == (200, ["AUTHENTICATION_ERROR"])
        assert send(path, "Bearer kindred_nothing") == (200, ["AUTHENTICATION_ERROR"])

    add_ssh_key(actor=actor_for(editor), public_key=vectors.KEY)
    for path in ("/public", "/public/user"):
        assert send(path, vectors.LEGACY_AUTHORIZATION) == (200, ["METHOD_NOT_ALLOWED_ERROR"])
        assert send(path, vectors.LEGACY_AUTHORIZATION[:-1] + "e") == (
            200,
            ["AUTHENTICATION_ERROR"],
        )


def test_body__has_a_limit(client: Client, db: None, settings: LazySettings) -> None:
    settings.ENCORD_MAX_BODY_BYTES = 100

    answer = client.post(
        "/public/user",
        b"x" * 101,
        content_type="application/json",
        headers={"Authorization": vectors.LEGACY_AUTHORIZATION},
    )

    assert answer.status_code == 413
