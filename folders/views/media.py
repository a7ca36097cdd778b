"""Pictures and originals. Somebody who may not see an item gets what an unknown id gets."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from accounts.middleware import reader_of
from core.errors import NotFound
from folders.constants import THUMBNAIL_SIZES
from folders.models import Item
from folders.permissions import get_item, get_unit
from folders.services.pictures import item_picture, unit_picture
from folders.storage import has_original, open_original
from folders.views.ranges import file_response

_YEAR = 365 * 24 * 3600
# Types that browsers show by themselves and that cannot carry scripts.
_SHOWN = ("image/", "video/")


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
def item_original(request: HttpRequest, item_id: UUID) -> HttpResponseBase:
    """The original as it was uploaded, whole or by ranges."""
    item = get_item(reader_of(request), item_id)
    etag = f'"{item.pk.hex}"'
    if _is_known(request, etag):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        if not has_original(item):
            raise NotFound("The original is not in our storage.")
        shown = item.mime_type.startswith(_SHOWN)
        response = file_response(
            request,
            partial(open_original, item),
            size=item.size or 0,
            content_type=item.mime_type if shown else "application/octet-stream",
            name=item.name,
            attachment=not shown,
            etag=etag,
        )
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    # Originals never change, but rights do.
    patch_cache_control(response, private=True, max_age=3600)
    return response


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
