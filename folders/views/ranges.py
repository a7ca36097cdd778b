"""Files as answers, whole or a range of them, streamed under ASGI as under WSGI."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import IO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


def file_response(
    request: HttpRequest,
    open_file: Callable[[], IO[bytes]],
    *,
    size: int,
    content_type: str,
    name: str,
    attachment: bool,
    etag: str,
) -> HttpResponseBase:
    """The file, or the one range of it that the request asks for.

    It is opened with the first byte that is sent, so an answer that nobody reads holds nothing.
    Several ranges at once are answered with the whole file, as the standard allows; so is HEAD,
    for which it knows no ranges.
    """
    asked = _asked(request, etag) if request.method == "GET" else None
    wanted = _range(asked, size) if asked else (0, size)
    if wanted is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = wanted
    length = end - start
    status = 206 if asked else 200
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(status=status, content_type=content_type)
    else:
        # Under ASGI Django would read all of an ordinary iterator before it sends anything.
        asgi = isinstance(request, ASGIRequest)
        chunks = _async_chunks if asgi else _chunks
        response = StreamingHttpResponse(
            chunks(open_file, start, length), status=status, content_type=content_type
        )
    response["Content-Length"] = str(length)
    response["Accept-Ranges"] = "bytes"
    if response.status_code == 206:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    header = content_disposition_header(attachment, name)
    if header:
        response["Content-Disposition"] = header
    return response


def _asked(request: HttpRequest, etag: str) -> tuple[str, str] | None:
    """First and last byte of the one range that is asked for; None for the whole file."""
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if not match or request.headers.get("If-Range", etag) != etag or match.groups() == ("", ""):
        return None
    return match[1], match[2]


def _range(asked: tuple[str, str], size: int) -> tuple[int, int] | None:
    """Start and end (excluded) of what is asked for; None when there is nothing there."""
    first, last = asked
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    return (start, end) if start < end else None


def _chunks(open_file: Callable[[], IO[bytes]], start: int, length: int) -> Iterator[bytes]:
    with open_file() as file:
        file.seek(start)
        while length > 0 and (chunk := file.read(min(_CHUNK, length))):
            length -= len(chunk)
            yield chunk


async def _async_chunks(
    open_file: Callable[[], IO[bytes]], start: int, length: int
) -> AsyncIterator[bytes]:
    file = await sync_to_async(open_file, thread_sensitive=False)()
    read = sync_to_async(file.read, thread_sensitive=False)
    try:
        file.seek(start)
        while length > 0 and (chunk := await read(min(_CHUNK, length))):
            length -= len(chunk)
            yield chunk
    finally:
        file.close()
