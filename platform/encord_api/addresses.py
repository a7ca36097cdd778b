"""Addresses that are handed out, in full: the SDK fetches them from wherever it runs."""

from django.conf import settings
from django.http import HttpRequest

from folders.models import Item
from folders.signed_addresses import signed_original_path
from folders.storage import original_url
from integrations.errors import ObjectUnavailable


def absolute(request: HttpRequest, path: str) -> str:
    """The path at the public address of the platform, else at the host that the request names."""
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL}{path}"
    return request.build_absolute_uri(path)


def signed_url(request: HttpRequest, item: Item) -> str | None:
    """Where the original of an item is to be had for an hour; None when it has none."""
    if not item.storage_key and not item.object_url:
        return None
    try:
        return original_url(item) or absolute(request, signed_original_path(item))
    except ObjectUnavailable:
        return None
