"""Pictures and originals. Somebody who may not see an item gets what an unknown id gets."""

import io
from collections.abc import Callable
from functools import partial
from typing import IO
from uuid import UUID

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from accounts.middleware import reader_of
from core.errors import NotFound, Unavailable
from folders.constants import THUMBNAIL_SIZES
from folders.models import Item
from folders.permissions import get_item, get_unit
from folders.services.frame_strip import MAX_STRIP_FRAMES, STRIP_FRAMES, frame_strip
from folders.services.pictures import frame_picture, item_picture, unit_picture
from folders.signed_addresses import ORIGINAL, signed_item
from folders.storage import (
    has_original,
    is_remote,
    is_shown,
    open_original,
    original_url,
)
from folders.views.ranges import file_response
from integrations.errors import ObjectUnavailable, ObjectUnreachable

_YEAR = 365 * 24 * 3600


@require_safe
def item_thumbnail(request: HttpRequest, item_id: UUID, size: str) -> HttpResponseBase:
    """A thumbnail of an item."""
    item = get_item(reader_of(request), item_id)
    _require_size(size)
    etag = f'"{item.pk.hex}-{item.thumbnail_version}-{size}"'
    if _is_known(request, etag):
        return _cached(request, HttpResponseNotModified(), etag, item)
    picture = HttpResponse(item_picture(item, size), content_type="image/webp")
    return _cached(request, picture, etag, item)


@require_safe
def unit_thumbnail(request: HttpRequest, unit_id: int, size: str) -> HttpResponseBase:
    """A thumbnail of a unit: its item's, or that of its frame."""
    unit = get_unit(reader_of(request), unit_id)
    _require_size(size)
    etag = f'"{unit.pk}-{unit.item.thumbnail_version}-{size}"'
    if _is_known(request, etag):
        return _cached(request, HttpResponseNotModified(), etag, unit.item)
    picture = HttpResponse(unit_picture(unit, size), content_type="image/webp")
    return _cached(request, picture, etag, unit.item)


@require_safe
def item_frame(request: HttpRequest, item_id: UUID, frame: int, size: str) -> HttpResponseBase:
    """A thumbnail of any frame of a video or sequence, whether or not it is a unit."""
    item = get_item(reader_of(request), item_id)
    _require_size(size)
    etag = f'"{item.pk.hex}-{item.thumbnail_version}-{frame}-{size}"'
    if _is_known(request, etag):
        return _cached(request, HttpResponseNotModified(), etag, item)
    picture = HttpResponse(frame_picture(item, frame, size), content_type="image/webp")
    return _cached(request, picture, etag, item)


@require_safe
def item_frames(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """A strip: frames spread evenly over a video or sequence, with addresses of their pictures.

    `?count=` says how many, 12 unless told, the first and the last frame among them.
    """
    item = get_item(reader_of(request), item_id)
    response = JsonResponse(frame_strip(item, _strip_length(request)))
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
def item_original(request: HttpRequest, item_id: UUID) -> HttpResponseBase:
    """The original as it is, whole or by ranges; from its bucket where browsers may go there.

    `?save` makes browsers keep it as a file: the attribute of a link that asks for that does not
    count once the link leads to another host. `?token=` stands for a session, see
    folders.signed_addresses.
    """
    item = signed_item(request, item_id, ORIGINAL) or get_item(reader_of(request), item_id)
    try:
        address = original_url(item, save="save" in request.GET)
        if address:
            return _elsewhere(address)
        response = _remote(request, item) if is_remote(item) else _own(request, item)
    except ObjectUnavailable as error:
        raise NotFound(str(error), code="original_unavailable") from error
    except ObjectUnreachable as error:
        raise Unavailable(str(error), code="original_unreachable") from error
    response["X-Content-Type-Options"] = "nosniff"
    # Originals never change, but rights do.
    patch_cache_control(response, private=True, max_age=3600)
    return response


def _elsewhere(address: str) -> HttpResponseBase:
    """The way to where the original lies; the address is for this once."""
    response = HttpResponseRedirect(address)
    patch_cache_control(response, no_store=True)
    # Nobody there needs to know which page showed it.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _own(request: HttpRequest, item: Item) -> HttpResponseBase:
    """An original of our storage."""
    etag = f'"{item.pk.hex}"'
    if _is_known(request, etag):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        if not has_original(item):
            raise NotFound("The original is not in our storage.")
        open_file = partial(open_original, item)
        response = _file_response(request, item, open_file, size=item.size or 0, etag=etag)
    response["ETag"] = etag
    return response


def _remote(request: HttpRequest, item: Item) -> HttpResponseBase:
    """An original that lies elsewhere, through us; its owner may change it, so it has no tag."""
    # Opened before the answer begins: what goes wrong still gets a status of its own.
    file = open_original(item)
    size = file.seek(0, io.SEEK_END)
    response = _file_response(request, item, lambda: file, size=size, etag="")
    if request.method == "HEAD" or not response.streaming:
        file.close()
    return response


def _file_response(
    request: HttpRequest, item: Item, open_file: Callable[[], IO[bytes]], *, size: int, etag: str
) -> HttpResponseBase:
    shown = is_shown(item)
    return file_response(
        request,
        open_file,
        size=size,
        content_type=item.mime_type if shown else "application/octet-stream",
        name=item.name,
        attachment="save" in request.GET or not shown,
        etag=etag,
    )


def _strip_length(request: HttpRequest) -> int:
    text = request.GET.get("count", "")
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else STRIP_FRAMES
    return max(1, min(count, MAX_STRIP_FRAMES))


def _require_size(size: str) -> None:
    if size not in THUMBNAIL_SIZES:
        raise NotFound("There is no thumbnail of this size.")


def _is_known(request: HttpRequest, etag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in known


def _cached(
    request: HttpRequest, response: HttpResponse, etag: str, item: Item
) -> HttpResponseBase:
    """For ever under an address that names the present version, else to be asked for again."""
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    if request.GET.get("v") == str(item.thumbnail_version):
        patch_cache_control(response, private=True, max_age=_YEAR, immutable=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response
