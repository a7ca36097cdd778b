"""The HTTP client that fetches: no proxies, no cookies, no credentials of its own.

httpx reads addresses and headers, httpcore speaks HTTP. httpx's own client is left out: it keeps
cookies from one request to the next, and its transport takes no network backend.
"""

import atexit
import os
import ssl
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

import certifi
import httpcore
import httpx

from integrations.fetching.network import GuardedBackend, Resolve
from integrations.guard import FetchPolicy

CONNECT_SECONDS: Final = 10.0
# Between two pieces of an answer.
IDLE_SECONDS: Final = 20.0
_TIMEOUT: Final = httpx.Timeout(IDLE_SECONDS, connect=CONNECT_SECONDS, pool=60.0)
_CONNECTIONS: Final = 32
_KEEP_SECONDS: Final = 15.0
_HEADERS: Final = {
    "User-Agent": "Kindred",
    "Accept": "*/*",
    # Ranges and sizes are those of the object itself only when nothing is compressed.
    "Accept-Encoding": "identity",
}


class Client:
    """Asks one address at a time; redirects are answers like others."""

    def __init__(self, policy: FetchPolicy, resolve: Resolve | None = None) -> None:
        trust = ssl.create_default_context(cafile=certifi.where())
        trust.load_default_certs()
        if policy.ca_file:
            trust.load_verify_locations(policy.ca_file)
        self._pools = {
            scheme: httpcore.ConnectionPool(
                ssl_context=trust,
                max_connections=_CONNECTIONS,
                keepalive_expiry=_KEEP_SECONDS,
                network_backend=GuardedBackend(
                    policy, encrypted=scheme == "https", resolve=resolve
                ),
            )
            for scheme in ("http", "https")
        }

    def get(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """Begin an answer, its body still to be read; errors are those of httpcore and the guard.

        The answer has to be closed.
        """
        request = httpx.Request(
            "GET", url, headers={**_HEADERS, **headers}, extensions={"timeout": _TIMEOUT.as_dict()}
        )
        answer = self._pools[url.scheme].handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=b"",
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), request=request
        )

    def close(self) -> None:
        """Close the connections that are kept."""
        for pool in self._pools.values():
            pool.close()


def client_for(policy: FetchPolicy) -> Client:
    """The client of this process for the policy; its connections serve further objects."""
    # A forked worker must not share sockets with its parent.
    return _client(policy, os.getpid())


@lru_cache(maxsize=4)
def _client(policy: FetchPolicy, process: int) -> Client:
    client = Client(policy)
    atexit.register(client.close)
    return client


class _Body(httpx.SyncByteStream):
    """The body of an httpcore answer."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
