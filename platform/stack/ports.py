"""TCP ports on this machine."""

import random
import socket

import psutil

LOOPBACK = "127.0.0.1"
# Below the range from which systems choose the local end of outgoing connections (32768 and up on
# Linux): a server that is started again finds its port still free.
_LOWEST, _HIGHEST = 20_000, 32_000


def free_port() -> int:
    """Return a loopback port that nothing listens on at this moment."""
    while True:
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311 - not a secret
        if is_free(port):
            return port


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on the port."""
    try:
        listen(host, port).close()
    except OSError:
        return False
    return True


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raise OSError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit it. uvicorn takes an inherited socket for one of Unix's and
        # would not set it: each answer after the first on a connection then waits 40 ms, its body
        # for the client's delayed acknowledgement of its head.
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.bind((host, port))
        server.listen(1024)
    except OSError:
        server.close()
        raise
    return server


def holder_of(port: int) -> str:
    """Describe the process that listens on a port, empty when the system does not say."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:
        return ""
    for connection in connections:
        local = connection.laddr
        if connection.status == psutil.CONN_LISTEN and local and local.port == port:
            try:
                return f"{psutil.Process(connection.pid).name()}, process {connection.pid}"
            except psutil.Error:
                return ""
    return ""
