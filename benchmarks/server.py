"""A web process of its own, as production runs it, over the benchmark's database."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from stack.ports import free_port

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class WebProcess:
    """Where it listens, and its process id."""

    url: str
    pid: int


@contextmanager
def web_process() -> Iterator[WebProcess]:
    """Start uvicorn, and end it at the end."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port)]
    command += ["--lifespan", "off", "--no-access-log", "--log-level", "warning"]
    # Without static files, of which a warning would tell.
    quiet = {"KINDRED_LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore"}
    environment = os.environ | {"PYTHONPATH": "platform", **quiet}
    process = subprocess.Popen(command, env=environment)  # noqa: S603
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield WebProcess(url, process.pid)
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{url}/healthz", timeout=5):  # noqa: S310 - loopback
                return
        except HTTPError as error:
            error.close()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("The web process did not start.")
