"""The body of a request: read once, hashed as it comes, and kept on disk when it is large.

A bundle of the SDK may have a hundred megabytes, which nobody needs in memory as a whole.
"""

from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest

from encord_api.errors import PayloadTooLarge
from folders.services.imports import parse_document

# Kept in memory up to here.
_MEMORY_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024


class Body:
    """A body that has arrived; `digest` is its SHA-256."""

    def __init__(self, request: HttpRequest) -> None:
        """Read the body.

        Raises:
            PayloadTooLarge: it is.
        """
        # Closed by close(), which the view calls when it has answered.
        self.file: IO[bytes] = SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # noqa: SIM115
        self.size = 0
        hashed = sha256()
        most = settings.ENCORD_MAX_BODY_BYTES
        while chunk := request.read(_CHUNK_BYTES):
            self.size += len(chunk)
            if self.size > most:
                self.close()
                message = f"The body has more than {most >> 20} MB. Send smaller bundles."
                raise PayloadTooLarge(message)
            hashed.update(chunk)
            self.file.write(chunk)
        self.file.seek(0)
        self.digest = hashed.digest()

    def json(self) -> Any:
        """The body as JSON; None where there is no body.

        Raises:
            InvalidInput: it is no JSON.
        """
        if not self.size:
            return None
        self.file.seek(0)
        return parse_document(self.file.read())

    def close(self) -> None:
        """Let go of it."""
        self.file.close()


def body_of(request: HttpRequest) -> Body:
    """The body of the request, read when it is first asked for.

    Raises:
        PayloadTooLarge: it is.
    """
    body: Body | None = getattr(request, "encord_body", None)
    if body is None:
        body = Body(request)
        request.encord_body = body  # type: ignore[attr-defined]
    return body


def close_body(request: HttpRequest) -> None:
    """Let go of the body if it was read."""
    body: Body | None = getattr(request, "encord_body", None)
    if body is not None:
        body.close()
