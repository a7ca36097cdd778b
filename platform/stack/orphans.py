"""Finds and ends processes of ours that a killed supervisor left behind."""

import os
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

GRACE_SECONDS = 4.0


def processes_in(folder: Path) -> list[psutil.Process]:
    """Return the processes whose working directory is the folder or lies below it."""
    found = []
    for process in psutil.process_iter():
        try:
            cwd = process.cwd()
        except (psutil.Error, OSError):
            continue
        if process.pid != os.getpid() and cwd and Path(cwd).is_relative_to(folder):
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
