"""Runs `manage.py up` in tests and looks for what it leaves behind, by means of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psutil

from stack.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
# Other tests share the cores.
START_SECONDS = 180.0
NOBODY = 65534


def clean_environment(**variables: str) -> dict[str, str]:
    """This process's environment without anything that concerns Kindred."""
    ours = ("KINDRED_", "DATABASE_URL", "REDIS_URL", "DJANGO_", "PYTHONPATH", "OPENBLAS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | variables


def as_ordinary_user(command: list[str]) -> list[str]:
    """The command as run by nobody, who may yet read our Python and sources; itself if not root."""
    if os.geteuid() != 0:
        return command
    # no_setuid_fixup: access(2), by which initdb looks for its programs, heeds the capability too.
    may_read = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    may_read += ["--securebits=+no_setuid_fixup"]
    user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return ["setpriv", *user, *may_read, *command]


def manage(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a management command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean_environment(**variables),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


class RunningStack:
    """One `manage.py up` on a data folder, in a process group of its own as a terminal makes it."""

    def __init__(
        self,
        data: Path,
        *arguments: str,
        ordinary_user: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        self.port = free_port()
        command = [sys.executable, "manage.py", "up", "--data", str(data), "--no-demo"]
        command += ["--port", str(self.port), "--workers", "1", *arguments]
        self._log = (data.parent / "up.out").open("w+")
        self.process = subprocess.Popen(
            as_ordinary_user(command) if ordinary_user else command,
            cwd=ROOT,
            env=clean_environment(**(environment or {})),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def url(self) -> str:
        """Address of the web server."""
        return f"http://127.0.0.1:{self.port}"

    def output(self) -> str:
        """What it has said so far."""
        self._log.flush()
        return Path(self._log.name).read_text()

    def wait_until_ready(self) -> None:
        """Wait until /readyz says yes; fail with the output when it does not."""
        begin = time.monotonic()
        while self.get("/readyz")[0] != 200:
            assert self.process.poll() is None, self.output()
            assert time.monotonic() - begin < START_SECONDS, self.output()
            time.sleep(0.1)

    def get(self, path: str) -> tuple[int, Any]:
        """Return status and JSON of an address, 0 when nobody answers."""
        try:
            with urlopen(self.url + path, timeout=5) as answer:  # noqa: S310 - loopback
                return answer.status, json.loads(answer.read())
        except HTTPError as error:
            with error:
                return error.code, None
        except (URLError, OSError):
            return 0, None

    def wait_for(self, text: str, seconds: float = 20.0) -> None:
        """Wait until it has said something."""
        deadline = time.monotonic() + seconds
        while text not in self.output():
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.05)

    def interrupt(self) -> float:
        """Do as Ctrl-C does: SIGINT to the whole group. Return the seconds until it has ended."""
        begin = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(30)
        return time.monotonic() - begin

    def kill_everything(self) -> None:
        """Kill -9 of the supervisor and of all its processes."""
        for process in [psutil.Process(self.process.pid), *processes_around(self.data)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(10)

    def close(self) -> None:
        """End whatever is left, for the next test."""
        if self.process.poll() is None:
            self.kill_everything()
        for process in processes_around(self.data):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._log.close()


def processes_around(data: Path) -> list[psutil.Process]:
    """Every process whose folder, arguments or environment name the data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            traces = [process.cwd(), *process.cmdline(), *process.environ().values()]
        except (psutil.Error, OSError):
            continue
        if process.pid != os.getpid() and any(str(data) in trace for trace in traces):
            found.append(process)
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]
