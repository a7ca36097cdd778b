"""TCP ports."""

import os
import socket

from stack.ports import LOOPBACK, free_port, holder_of, is_free, listen


def test_free_port__can_be_listened_on() -> None:
    port = free_port()

    with listen(LOOPBACK, port) as server:
        assert server.getsockname() == (LOOPBACK, port)
        assert not is_free(port)
        assert holder_of(port).endswith(f"process {os.getpid()}")
    assert is_free(port)


def test_listen__gives_connections_that_send_at_once() -> None:
    with (
        listen(LOOPBACK, free_port()) as server,
        socket.create_connection(server.getsockname()),
        server.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_holder_of__nobody() -> None:
    assert holder_of(free_port()) == ""
