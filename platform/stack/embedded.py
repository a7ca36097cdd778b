"""What the embedded servers have in common: a folder, a port, a foreground command."""

import secrets
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from stack.errors import StackError
from stack.ports import free_port


class EmbeddedServer(ABC):
    """A server of our own in a data folder, on loopback.

    The supervisor runs `command()` itself; tests and benchmarks use `start()` and `stop()`.
    """

    start_seconds = 30.0
    stop_seconds = 8.0
    stop_signal = signal.SIGTERM

    def __init__(self, data: Path, *, port: int | None = None) -> None:
        """Describe the server; nothing is made or started yet."""
        self.data = data.resolve()
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address with its password."""

    @property
    @abstractmethod
    def folder(self) -> Path:
        """The working directory of the server."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what a start needs and clear what a killed server left behind.

        A server that runs in this folder is ended: its supervisor is known to be gone.
        """

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that runs the prepared server in the foreground."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Tell whether the server accepts connections."""

    @property
    def password_file(self) -> Path:
        """The file that holds the password, readable by its owner only."""
        return self.data / "password"

    def password(self) -> str:
        """Return the password, chosen when it is asked for the first time."""
        path = self.password_file
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16) + "\n")
        return path.read_text().strip()

    def start(self) -> None:
        """Prepare and start the server; return when it accepts connections."""
        self.prepare()
        log = self.data / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own binaries
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
            )
        deadline = time.monotonic() + self.start_seconds
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
                self.stop()
                raise StackError(f"{type(self).__name__} did not start:\n{tail}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server that `start` started; do nothing when there is none."""
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
