"""What the processes say: prefixed on the terminal, and in one bounded file each."""

import logging
import sys
import threading
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, TextIO

FILE_BYTES = 5 * 1024**2
OLD_FILES = 2
TAIL_LINES = 12
NAME_WIDTH = 11
_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


class Journal:
    """Collects the lines of all processes. Safe for threads."""

    def __init__(self, folder: Path, terminal: TextIO = sys.stdout) -> None:
        """Write below the folder and to the terminal."""
        self._folder = folder
        self._terminal = terminal
        self._coloured = terminal.isatty()
        self._lock = threading.Lock()
        self._files: dict[str, RotatingFileHandler] = {}
        self._tails: dict[str, deque[str]] = {}
        self.disk_is_full = False

    def say(self, text: str) -> None:
        """Tell the person at the terminal, and the file up.log."""
        for line in text.splitlines() or [""]:
            self._keep("up", line)
            self._show(line)

    def say_once(self, text: str) -> None:
        """Tell the person at the terminal only: for a secret that no file may hold."""
        for line in text.splitlines():
            self._show(line)

    def line(self, name: str, line: str, *, quiet: bool = False) -> None:
        """Take a line of a process; a quiet one is for its file only."""
        self._tails.setdefault(name, deque(maxlen=TAIL_LINES)).append(line)
        if "No space left on device" in line and not self.disk_is_full:
            self.disk_is_full = True
            self.say("The disk is full. Free some space; what failed is tried again.")
        self._keep(name, line)
        if not quiet:
            self._show(f"{self._prefix(name)} {line}")

    def follow(self, name: str, stream: IO[bytes], *, quiet: bool = False) -> threading.Thread:
        """Take the lines of a process from its output until that ends."""
        thread = threading.Thread(
            target=self._pump, args=(name, stream, quiet), name=f"log-{name}", daemon=True
        )
        thread.start()
        return thread

    def tail(self, name: str) -> str:
        """Return the last lines of a process."""
        return "\n".join(f"  {line}" for line in self._tails.get(name, ()))

    def close(self) -> None:
        """Close the files."""
        for handler in self._files.values():
            handler.close()

    def _pump(self, name: str, stream: IO[bytes], quiet: bool) -> None:
        with stream:
            for raw in stream:
                if line := raw.decode(errors="replace").rstrip():
                    self.line(name, line, quiet=quiet)

    def _prefix(self, name: str) -> str:
        padded = f"{name:<{NAME_WIDTH}}|"
        if not self._coloured:
            return padded
        return f"\x1b[{_COLOURS[sum(name.encode()) % len(_COLOURS)]}m{padded}\x1b[0m"

    def _show(self, line: str) -> None:
        with self._lock:
            try:
                self._terminal.write(line + "\n")
                self._terminal.flush()
            except (OSError, ValueError):
                pass  # the terminal is gone; the files remain

    def _keep(self, name: str, line: str) -> None:
        record = logging.LogRecord(name, logging.INFO, "", 0, line, None, None)
        with self._lock:
            if name not in self._files:
                self._files[name] = _file(self._folder / f"{name}.log")
            self._files[name].handle(record)


def _file(path: Path) -> RotatingFileHandler:
    """Return a handler that keeps at most (OLD_FILES + 1) x FILE_BYTES, and never raises."""
    handler = RotatingFileHandler(
        path, maxBytes=FILE_BYTES, backupCount=OLD_FILES, delay=True, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    # A full disk must not fill the terminal with tracebacks of the logger, nor end the stack.
    handler.handleError = lambda record: None  # type: ignore[method-assign]
    return handler
