"""How often a token may call, counted by a real Valkey."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from accounts.services.ssh_keys import add_ssh_key
from core.api import throttling
from stack.valkey import EmbeddedValkey
from tests.encord_api import vectors
from tests.rest.conftest import Program

MakeProgram = Callable[[User], Program]


@pytest.fixture
def valkey(settings: LazySettings) -> Iterator[EmbeddedValkey]:
    """A server that counts, three calls a minute."""
    folder = Path(tempfile.mkdtemp(prefix="kindred-rate-"))
    server = EmbeddedValkey(folder / "redis")
    server.start()
    settings.CELERY_BROKER_URL = server.url
    settings.API_CALLS_PER_MINUTE = 3
    throttling.circuit.reset()
    yield server
    throttling._clients.pop(server.url).close()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_rate__beyond_it_a_token_waits(
    valkey: EmbeddedValkey, viewer: User, program: MakeProgram
) -> None:
    caller = program(viewer)

    served = [caller.get("me/") for _ in range(3)]
    refused = caller.get("me/")

    assert [answer.status_code for answer in served] == [200] * 3
    assert [answer["RateLimit-Remaining"] for answer in served] == ["2", "1", "0"]
    assert {answer["RateLimit-Limit"] for answer in served} == {"3"}
    assert 1 <= int(served[0]["RateLimit-Reset"]) <= 20
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(refused["Retry-After"]) <= 20
    assert refused["RateLimit-Remaining"] == "0"


def test_rate__each_token_has_its_own_and_sessions_none(
    valkey: EmbeddedValkey, viewer: User, program: MakeProgram
) -> None:
    one, other = program(viewer), program(viewer)
    for _ in range(4):
        one.get("me/")
    other.client.force_login(viewer)
    other.client.defaults = {}

    assert program(viewer).get("me/").status_code == 200
    session = [other.client.get("/api/v1/me/") for _ in range(5)]

    assert {answer.status_code for answer in session} == {200}
    assert "RateLimit-Limit" not in session[0]


def test_rate__calls_that_are_refused_cost_nothing(
    valkey: EmbeddedValkey, viewer: User, program: MakeProgram
) -> None:
    """Whoever hammers is served again as soon as whoever waits."""
    caller = program(viewer)
    for _ in range(3):
        caller.get("me/")

    waits = [int(caller.get("me/")["Retry-After"]) for _ in range(5)]

    assert max(waits) <= 20


def test_rate__without_redis_everybody_is_served(
    viewer: User, program: MakeProgram, settings: LazySettings
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.API_CALLS_PER_MINUTE = 1
    throttling.circuit.reset()
    caller = program(viewer)

    answers = [caller.get("me/") for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[0]
    assert throttling.circuit.is_open


def test_rate__zero_counts_nothing(
    valkey: EmbeddedValkey, viewer: User, program: MakeProgram, settings: LazySettings
) -> None:
    settings.API_CALLS_PER_MINUTE = 0
    caller = program(viewer)

    assert {caller.get("me/").status_code for _ in range(5)} == {200}
    throttling._client().ping()


def test_rate__holds_for_what_the_encord_sdk_calls(
    valkey: EmbeddedValkey, editor: User, program: MakeProgram, actor_for: Callable[[User], Actor]
) -> None:
    """By token and by signature, each with a count of its own."""
    add_ssh_key(actor=actor_for(editor), public_key=vectors.KEY)
    by_token = {"Authorization": f"Bearer {program(editor).token}"}
    client = Client()

    for headers in (by_token, vectors.GET_HEADERS):
        with time_machine.travel(datetime.fromtimestamp(vectors.CREATED, UTC), tick=False):
            answers = [client.get(vectors.GET_TARGET, headers=headers) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
        # Whole seconds, which is all that the SDK reads.
        assert 1 <= int(answers[3]["Retry-After"]) <= 20
        assert answers[3].json()["message"]
