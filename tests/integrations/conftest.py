"""Servers on loopback, which the settings allow to be fetched from."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from integrations.guard import FetchPolicy, parse_networks
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
