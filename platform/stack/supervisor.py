"""Starts services, keeps them running, and stops them in order."""

import signal
import time
from pathlib import Path
from types import FrameType

from stack.errors import StackError
from stack.journal import Journal
from stack.orphans import end_processes, processes_of
from stack.service import Running, Service

TICK_SECONDS = 0.1
# While the stack starts, a process that keeps dying ends the start instead of being tried for ever.
FAILURES_AT_START = 3


class StopRequested(BaseException):
    """Ctrl-C or a signal to end: raised wherever the main thread is, handled once at the top."""


class Supervisor:
    """Owns the processes of one data folder."""

    def __init__(self, journal: Journal, data: Path) -> None:
        """Supervise nothing yet."""
        self._journal = journal
        self._data = data
        # Groups in the order of their start; the last group is stopped first.
        self._groups: list[list[Running]] = []

    def start(self, *services: Service) -> None:
        """Start services as a new group: they are stopped together, before all earlier ones."""
        self._groups.append([])
        self.add(*services)

    def add(self, *services: Service) -> None:
        """Start services and stop them with those that were started last."""
        for service in services:
            running = Running(service, self._journal)
            self._groups[-1].append(running)
            running.start()

    def wait_until_ready(self, seconds: float) -> None:
        """Wait until every service is ready; raise StackError with its words when one is not."""
        deadline = time.monotonic() + seconds
        while waiting := [running for running in self._lasting() if not running.is_ready()]:
            self.look_after_starting()
            if time.monotonic() > deadline:
                names = ", ".join(running.service.name for running in waiting)
                raise StackError(f"Not ready after {seconds:g} s: {names}.\n{self._tail(waiting)}")
            time.sleep(TICK_SECONDS / 2)

    def look_after_starting(self) -> None:
        """Look after the processes during the start: one that keeps dying is an error."""
        self.look_after()
        failed = [running for running in self._all() if running.failures >= FAILURES_AT_START]
        if failed:
            names = ", ".join(running.service.name for running in failed)
            raise StackError(f"Cannot start: {names}.\n{self._tail(failed)}")

    def look_after(self) -> None:
        """Start again what died."""
        for running in self._all():
            running.look_after()

    def watch(self) -> None:
        """Look after everything until StopRequested."""
        while True:
            self.look_after()
            time.sleep(TICK_SECONDS)

    def stop(self) -> None:
        """Stop all groups, the last one first; nothing is left, not even a child's child."""
        while self._groups:
            _stop_together(self._groups.pop())
        end_processes(processes_of(self._data), grace=1.0)

    def _all(self) -> list[Running]:
        return [running for group in self._groups for running in group]

    def _lasting(self) -> list[Running]:
        """Those that are to run until they are stopped."""
        return [running for running in self._all() if not running.service.once]

    def _tail(self, failed: list[Running]) -> str:
        return "\n".join(self._journal.tail(running.service.name) for running in failed)


def _stop_together(group: list[Running]) -> None:
    """Send each its next signal whenever its time for the last one is over, SIGKILL at the end."""
    begin = time.monotonic()
    due = {id(running): list(_deadlines(running.service)) for running in group}
    while remaining := [running for running in group if not running.is_gone()]:
        now = time.monotonic() - begin
        for running in remaining:
            steps = due[id(running)]
            while steps and now >= steps[0][0]:
                number = steps.pop(0)[1]
                if number is None:
                    running.kill()
                else:
                    running.signal(number)
        time.sleep(TICK_SECONDS / 4)
    for running in group:
        running.kill()


def _deadlines(service: Service) -> list[tuple[float, signal.Signals | None]]:
    """Return when to send which signal, in seconds from the begin; None is the kill."""
    steps: list[tuple[float, signal.Signals | None]] = []
    at = 0.0
    for number, patience in service.stops:
        steps.append((at, number))
        at += patience
    return [*steps, (at, None)]


def raise_on_signals() -> None:
    """Turn Ctrl-C, SIGTERM and a closed terminal into StopRequested."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _request_stop)


def ignore_signals() -> None:
    """From now on nothing interrupts the stopping, which is bounded anyway."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _request_stop(_number: int, _frame: FrameType | None) -> None:
    raise StopRequested
