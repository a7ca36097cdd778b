"""Bodies whose connection breaks, through the ASGI application that the web server runs."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.urls import reverse

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from core.partial_bodies import CONTENT_TYPE, keep_partial_bodies
from folders.models import Folder, Item, Upload
from folders.services.uploads import begin_upload
from tests.folders.media_files import png

# Each request of an ASGI application has a thread, and so a connection, of its own.
pytestmark = pytest.mark.django_db(transaction=True)

ActorFor = Callable[[User], Actor]
PNG = png(64, 48)


@pytest.fixture
def upload(birds: Folder, editor: User, actor_for: ActorFor) -> Upload:
    """An upload of which nothing has arrived."""
    return begin_upload(actor=actor_for(editor), folder=birds, name="owl.png", size=len(PNG))


@pytest.fixture
def token(editor: User, actor_for: ActorFor) -> str:
    """The editor's token."""
    return create_token(actor=actor_for(editor), name="Cron", scope=TokenScope.WRITE)[1]


def scope(upload: Upload, token: str, offset: int, content_type: str) -> dict[str, Any]:
    """A PATCH request as uvicorn announces it."""
    headers = {
        "host": "localhost",
        "authorization": f"Bearer {token}",
        "content-type": content_type,
        "content-length": str(len(PNG) - offset),
        "tus-resumable": "1.0.0",
        "upload-offset": str(offset),
    }
    path = reverse("api-upload", args=[upload.folder_id, upload.pk])
    return {
        "type": "http",
        "method": "PATCH",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


def _communicator(application: Any, request: dict[str, Any]) -> Any:
    return ApplicationCommunicator(application, request)  # type: ignore[no-untyped-call]


@async_to_sync
async def send(request: dict[str, Any], *messages: dict[str, Any]) -> int | None:
    """The status of the answer; None when the request was dropped."""
    application = keep_partial_bodies(ASGIHandler())
    communicator = _communicator(application, request)
    for message in messages:
        await communicator.send_input(message)
    try:
        answer = await communicator.receive_output(timeout=20)
        await communicator.wait(timeout=20)
    except (TimeoutError, AssertionError):
        return None
    return int(answer["status"])


def body(data: bytes, *, more: bool) -> dict[str, Any]:
    """A piece of a body."""
    return {"type": "http.request", "body": data, "more_body": more}


GONE = {"type": "http.disconnect"}


def test_cut_off__what_arrived_counts(upload: Upload, token: str) -> None:
    request = scope(upload, token, 0, CONTENT_TYPE)

    assert send(request, body(PNG[:30], more=True), body(PNG[30:50], more=True), GONE) == 204

    upload.refresh_from_db()
    assert upload.offset == 50
    assert send(scope(upload, token, 50, CONTENT_TYPE), body(PNG[50:], more=False)) == 204
    assert Item.objects.get().size == len(PNG)


def test_cut_off__after_the_last_byte_the_item_is_made(upload: Upload, token: str) -> None:
    request = scope(upload, token, 0, CONTENT_TYPE)

    send(request, body(PNG, more=False), GONE)

    assert Item.objects.get().name == "owl.png"


def test_cut_off__before_the_first_byte_changes_nothing(upload: Upload, token: str) -> None:
    assert send(scope(upload, token, 0, CONTENT_TYPE), GONE) == 204

    upload.refresh_from_db()
    assert upload.offset == 0


@async_to_sync
async def bodies_seen(content_type: bytes, *messages: dict[str, Any]) -> list[str]:
    """The types of the messages that an application behind the wrapper receives."""
    seen: list[str] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.extend([(await receive())["type"] for _ in messages])
        await send({"type": "http.response.start", "status": 200})

    wrapped = keep_partial_bodies(application)
    request = {"type": "http", "headers": [(b"content-type", content_type)]}
    communicator = _communicator(wrapped, request)
    for message in messages:
        await communicator.send_input(message)
    await communicator.receive_output(timeout=20)
    return seen


def test_other_bodies__end_as_they_always_did() -> None:
    broken = (body(b"{", more=True), GONE)

    assert bodies_seen(b"application/json", *broken) == ["http.request", "http.disconnect"]
    assert bodies_seen(CONTENT_TYPE.encode(), *broken) == ["http.request", "http.request"]
