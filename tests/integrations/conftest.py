"""Servers on loopback, which the settings allow to be fetched from."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from integrations.guard import FetchPolicy, parse_networks
from tests.integrations.s3_server import OPEN_BUCKET, S3Server, s3_server
from tests.integrations.web_server import WebServer, web_server

LOOPBACK = ["127.0.0.0/8", "::1"]


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server."""
    with web_server() as server:
        yield server


@pytest.fixture
def policy() -> FetchPolicy:
    """What a start on one's own machine allows, with less patience."""
    return FetchPolicy(allowed=parse_networks(LOOPBACK), max_bytes=64 * 2**20, seconds=30)


@pytest.fixture
def loopback(settings: LazySettings) -> None:
    """The same by the settings."""
    settings.FETCH_ALLOW = LOOPBACK
    settings.FETCH_TIMEOUT = 30


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    """An S3 server with a bucket of somebody's, one for our media, and one for everybody."""
    with s3_server("field-cameras", "media", OPEN_BUCKET) as server:
        yield server
