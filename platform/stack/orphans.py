"""Finds and ends processes of ours that a killed supervisor left behind."""

import os
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

from stack.constants import STACK_MARK

GRACE_SECONDS = 4.0


def servers_in(folder: Path, *names: str) -> list[psutil.Process]:
    """Return the processes of these names whose working directory is the folder.

    The name counts as well, because a person's shell may stand in the folder.
    """
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] in names and Path(process.cwd()) == folder:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def processes_of(data: Path) -> list[psutil.Process]:
    """Return the processes that a supervisor started for this data folder, by their mark."""
    found = []
    for process in psutil.process_iter():
        try:
            mark = process.environ().get(STACK_MARK)
        except (psutil.Error, OSError):
            continue
        if mark == str(data) and process.pid != os.getpid():
            found.append(process)
    return found


def end_processes(
    processes: Iterable[psutil.Process],
    *,
    signal_first: signal.Signals = signal.SIGTERM,
    grace: float = GRACE_SECONDS,
) -> None:
    """Ask the processes to end, wait, and kill those that remain."""
    alive = [process for process in processes if _send(process, signal_first)]
    _gone, alive = psutil.wait_procs(alive, timeout=grace)
    for process in alive:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=grace)


def _send(process: psutil.Process, number: signal.Signals) -> bool:
    """Send a signal; tell whether the process still existed."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True
