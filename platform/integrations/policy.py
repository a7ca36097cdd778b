"""The operator's settings as the guard takes them."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from integrations.guard import FetchPolicy, parse_networks


def fetch_policy() -> FetchPolicy:
    """What may be fetched, from the settings.

    Raises:
        ImproperlyConfigured: a network is malformed.
    """
    try:
        allowed = parse_networks(settings.FETCH_ALLOW)
    except ValueError as error:
        raise ImproperlyConfigured(f"KINDRED_FETCH_ALLOW: {error}") from error
    return FetchPolicy(
        allowed=allowed,
        plain_http=settings.FETCH_PLAIN_HTTP,
        max_bytes=settings.FETCH_MAX_MB * 2**20,
        seconds=settings.FETCH_TIMEOUT,
        ca_file=settings.FETCH_CA_FILE,
    )


def local_directories() -> list[Path]:
    """The directories that integrations may read from, links resolved."""
    return [Path(text).resolve() for text in settings.LOCAL_DIRECTORIES if text.strip()]
