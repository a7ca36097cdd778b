"""Keeps what arrived of a body whose connection broke.

Django drops a request whose client goes away before its body is complete. Parts of resumable
uploads must not be lost that way: for them, and them alone, the body ends where the connection
does, and the view is told how many bytes there are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.http import HttpRequest

# Of the bodies that may be cut off: those of the tus protocol.
CONTENT_TYPE = "application/offset+octet-stream"
_RECEIVED = "kindred.received"

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def keep_partial_bodies(application: Application) -> Application:
    """Wrap an ASGI application so that cut-off bodies of uploads reach their view."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_part(scope):
            receive = _tolerant(scope, receive)
        await application(scope, receive, send)

    return wrapped


def received_bytes(request: HttpRequest) -> int:
    """How many bytes the body of the request has, however many were announced."""
    scope = getattr(request, "scope", {})
    length = request.headers.get("Content-Length", "")
    return int(scope.get(_RECEIVED, length if length.isdigit() else 0))


def _is_part(scope: Scope) -> bool:
    wanted = CONTENT_TYPE.encode()
    return any(
        name == b"content-type" and value.split(b";")[0].strip() == wanted
        for name, value in scope["headers"]
    )


def _tolerant(scope: Scope, receive: Receive) -> Receive:
    scope[_RECEIVED] = 0
    ended = False

    async def tolerant() -> Message:
        nonlocal ended
        if ended:
            # Django listens for the end of the connection in order to call the view off. Whether
            # or not somebody waits for the answer, the bytes are to be stored.
            await asyncio.Event().wait()
        message = await receive()
        if message["type"] == "http.disconnect":
            message = {"type": "http.request", "body": b"", "more_body": False}
        scope[_RECEIVED] += len(message.get("body", b""))
        ended = not message.get("more_body", False)
        return message

    return tolerant
