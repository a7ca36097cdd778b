"""The data folder: everything that a stack keeps, and the checks before anything is started.

<data>/
├── postgres/   cluster, password
├── redis/      configuration, password
├── media/      originals, thumbnails, frames
├── static/     collected static files
├── logs/       one bounded file per process
├── run/        what only matters while it runs
├── lock        held by the running supervisor
├── secret_key  signs sessions
└── stack.env   environment of the stack, for commands beside it
"""

import errno
import fcntl
import os
import secrets
import shutil
from pathlib import Path
from typing import IO

from stack.constants import DISK_BYTES_NEEDED
from stack.errors import StackError


class DataFolder:
    """A data folder; `prepare` makes it, `lock` claims it for one supervisor."""

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is made yet."""
        self.path = path
        self.logs = path / "logs"
        self.run = path / "run"
        self._lock: IO[str] | None = None

    def prepare(self) -> None:
        """Make the folder; raise StackError in plain words when it cannot be used."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.logs, self.run):
                folder.mkdir(exist_ok=True)
            probe = self.path / "run" / "probe"
            probe.write_bytes(b"\0" * 4096)
            probe.unlink()
        except OSError as error:
            raise StackError(_why_unusable(self.path, error)) from error
        free = shutil.disk_usage(self.path).free
        if free < DISK_BYTES_NEEDED:
            raise StackError(
                f"The disk that holds {self.path} is full: {free // 1024**2} MB are free, "
                f"{DISK_BYTES_NEEDED // 1024**2} MB are needed. Free some space, or choose "
                "another disk with --data."
            )

    def lock(self, note: str) -> None:
        """Claim the folder until `unlock`, or the end of this process.

        `note` (process and address) is what the next one to ask is told.

        Raises:
            StackError: another process holds it.
        """
        path = self.path / "lock"
        try:
            file = path.open("a+")
        except OSError as error:
            raise StackError(_why_unusable(self.path, error)) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "by another process"
            file.close()
            raise StackError(
                f"Kindred already runs on {self.path}: {holder}. Stop it with Ctrl-C there, "
                "or choose another data folder with --data."
            ) from error
        file.truncate(0)
        file.write(note)
        file.flush()
        self._lock = file  # the lock lasts as long as the file is open

    def unlock(self) -> None:
        """Give the folder up."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def secret_key(self) -> str:
        """Return the key that signs sessions, made once for this folder."""
        path = self.path / "secret_key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48) + "\n")
        return path.read_text().strip()


def _why_unusable(path: Path, error: OSError) -> str:
    """Say in words why the data folder cannot be used."""
    if error.errno == errno.ENOSPC:
        return (
            f"The disk that holds {path} is full. Free some space, or choose another with --data."
        )
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{path} is not a folder. Choose another data folder with --data."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"The data folder {path} is not writable for user {os.geteuid()} "
            f"({error.strerror}: {error.filename}). Change its owner, or choose another "
            "data folder with --data."
        )
    return f"The data folder {path} cannot be used: {error}"
