"""One supervised process: how it starts, when it is ready, how it ends."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from stack.journal import Journal

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
# A process that lived this long before it died starts again at once.
STEADY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Service:
    """What to run. `prepare` runs before every start; `stops` are tried in turn, then SIGKILL."""

    name: str
    command: Callable[[], list[str]]
    cwd: Path
    environment: Mapping[str, str]
    stops: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 2.5),)
    prepare: Callable[[], None] | None = None
    is_ready: Callable[[], bool] | None = None
    niceness: int = 0
    descriptors: tuple[int, ...] = ()
    # A one-shot ends by itself; only a failure of it is worth a word.
    once: bool = False
    # Lines go to the file only, not to the terminal.
    quiet: bool = False


@dataclass(slots=True)
class Running:
    """A service and its present process."""

    service: Service
    journal: Journal
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    start_at: float | None = field(default=None)

    def start(self) -> None:
        """Run the command in a session of its own, so that Ctrl-C reaches only the supervisor."""
        service = self.service
        if service.prepare is not None:
            service.prepare()
        self.start_at = None
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - commands of our own
            service.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=service.cwd,
            env={**os.environ, **service.environment},
            start_new_session=True,
            pass_fds=service.descriptors,
        )
        if self.process.stdout is not None:
            self.journal.follow(service.name, self.process.stdout, quiet=service.quiet)
        if service.niceness:
            psutil.Process(self.process.pid).nice(service.niceness)

    def is_ready(self) -> bool:
        """Tell whether it runs and, where it can be asked, says that it is ready."""
        if self.process is None or self.process.poll() is not None:
            return False
        return self.service.is_ready is None or self.service.is_ready()

    def look_after(self) -> None:
        """Notice that the process ended, and start it again after a while that grows."""
        if self.start_at is not None:
            if time.monotonic() >= self.start_at:
                self._start_again()
            return
        if self.process is None or self.process.poll() is None:
            return
        code = self.process.returncode
        self._kill_group()
        self.process = None
        if self.service.once:
            if code:
                self.journal.say(f"{self.service.name} failed ({_ending(code)}).")
            return
        if time.monotonic() - self.started_at > STEADY_SECONDS:
            self.failures = 0
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2**self.failures)
        self.failures += 1
        self.start_at = time.monotonic() + delay
        self.journal.say(
            f"{self.service.name} ended ({_ending(code)}); starting it again in {delay:g} s."
        )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone: it knows how to end its children."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def is_gone(self) -> bool:
        """Tell whether the process ended (its exit status is collected)."""
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """Kill the process and whatever it started in its session's first group."""
        self._kill_group()
        if self.process is not None:
            self.process.wait()

    def _start_again(self) -> None:
        try:
            self.start()
        except Exception as error:  # noqa: BLE001 - a supervisor goes on, whatever fails
            self.failures += 1
            delay = min(LONGEST_DELAY, FIRST_DELAY * 2**self.failures)
            self.start_at = time.monotonic() + delay
            self.journal.say(f"{self.service.name} cannot start: {error}")

    def _kill_group(self) -> None:
        if self.process is None:
            return
        # Usually nobody of the group is left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _ending(code: int) -> str:
    """Say how a process ended."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
