"""Connections of the fetching client: one resolution, each address judged, the judged one used.

The backend is asked for a host by httpcore for every new connection, also for those that a redirect
leads to. TLS is begun above it with the host's name, so certificates are verified against the name
although the connection goes to a number.
"""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any

import httpcore

from integrations.errors import ObjectUnavailable, ObjectUnreachable, Stage
from integrations.guard import (
    PLAIN_HTTP,
    Address,
    FetchPolicy,
    is_allowed,
    refusal,
    refused_network,
)

logger = logging.getLogger(__name__)

# A host with more addresses than this is tried at the first ones.
_ADDRESSES_TRIED = 4

_until: ContextVar[float | None] = ContextVar("until", default=None)

Resolve = Callable[[str, int], list[Address]]


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let every read and write of this block's connections fail once the time is over.

    Timeouts of a single read do not bound the whole: a server may send a byte at a time.
    """
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def resolve_host(host: str, port: int) -> list[Address]:
    """All addresses of a host, in the order of the system's preference.

    Raises:
        ObjectUnavailable: there is no such host.
        ObjectUnreachable: no name server answers.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            reason = f"The name {host} cannot be resolved at the moment."
            raise ObjectUnreachable(reason, stage=Stage.NAME) from None
        raise ObjectUnavailable(f"There is no host named {host}.", stage=Stage.NAME) from None
    except UnicodeError:
        raise ObjectUnavailable(f"“{host}” is no name of a host.", stage=Stage.NAME) from None
    return list(dict.fromkeys(ip_address(str(entry[4][0])) for entry in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Opens TCP connections to addresses that the policy lets through, and to no others."""

    def __init__(
        self, policy: FetchPolicy, *, encrypted: bool, resolve: Resolve | None = None
    ) -> None:
        """Make a backend for one of the two schemes.

        Args:
            policy: what the operator allows.
            encrypted: whether TLS will be spoken; if not, only allowed networks may do.
            resolve: in place of the system's resolver, for tests.
        """
        self._policy = policy
        self._encrypted = encrypted
        self._resolve = resolve
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve the host once, judge all its addresses, connect to one of them.

        Raises:
            ObjectUnavailable: there is no such host, or one of its addresses is refused.
            ObjectUnreachable: no name server answers.
            httpcore.ConnectError, httpcore.ConnectTimeout: no address answers.
        """
        addresses = (self._resolve or resolve_host)(host, port)
        for address in addresses:
            # One refused address refuses the name: which one is used must not be luck.
            self._judge(host, address)
        failure: Exception = httpcore.ConnectError(f"{host} has no address.")
        for address in addresses[:_ADDRESSES_TRIED]:
            try:
                stream = self._sockets.connect_tcp(
                    str(address), port, _left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _BoundedStream(stream)
        raise failure

    def connect_unix_socket(self, path: str, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        """Never: no address leads to a socket of this machine."""
        raise ObjectUnavailable("Sockets of the server are not fetched from.", stage=Stage.NETWORK)

    def _judge(self, host: str, address: Address) -> None:
        kind = refusal(address, self._policy)
        if kind:
            logger.warning("Refused to connect to %s at %s (%s).", host, address, kind)
            raise ObjectUnavailable(refused_network(kind), stage=Stage.NETWORK)
        plain = self._policy.plain_http or is_allowed(address, self._policy)
        if not self._encrypted and not plain:
            raise ObjectUnavailable(PLAIN_HTTP, stage=Stage.NETWORK)


class _BoundedStream(httpcore.NetworkStream):
    """A connection that keeps to the deadline of whoever uses it at the moment."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None) -> float | None:
    """The shorter of the timeout and what is left until the deadline."""
    until = _until.get()
    if until is None:
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("The whole answer took too long.")
    return left if timeout is None else min(timeout, left)
