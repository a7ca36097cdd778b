"""Runs a module of the benchmarks in a process of its own, so that its memory can be measured."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import PeakMemory

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Alone:
    """What a module took.

    Attributes:
        seconds: by the clock on the wall.
        processor_seconds: of all its threads together: a machine that is busy elsewhere changes
            them little.
        megabytes: at most.
    """

    seconds: float
    processor_seconds: float
    megabytes: float


def run_alone(module: str, *arguments: str) -> Alone:
    """Run a module that prints both kinds of seconds, and measure its memory.

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
    seconds, processor_seconds = map(float, told.split())
    return Alone(seconds, processor_seconds, peak.megabytes)
