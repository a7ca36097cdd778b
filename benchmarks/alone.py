"""Runs a module of the benchmarks in a process of its own, so that its memory can be measured."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.memory import PeakMemory

_ROOT = Path(__file__).resolve().parent.parent


def run_alone(module: str, *arguments: str) -> tuple[float, float]:
    """Seconds, as the module prints them, and megabytes at most.

    Raises:
        RuntimeError: it failed.
    """
    # As in a worker: linear algebra on as many threads as there are processors.
    environment = {key: value for key, value in os.environ.items() if "OPENBLAS" not in key}
    paths = [str(_ROOT / "platform"), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module, *arguments],
        cwd=_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with PeakMemory(process.pid) as peak:
        told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{module} {arguments[0]} ended with {process.returncode}.")
    return float(told), peak.megabytes
