"""A web server on the benchmark's own database, asked over HTTP as a client would."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from django.conf import settings
from django.test import Client

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.services.tokens import create_token
from stack.ports import LOOPBACK, free_port, listen
from stack.valkey import EmbeddedValkey

_ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 60.0


class LiveServer:
    """Web processes on one socket, as the stack runs them: `with LiveServer(actor) as server:`."""

    def __init__(self, actor: Actor, processes: int = 2) -> None:
        """Serve on a free port of loopback, with a Valkey that counts calls as in production."""
        self._user = actor.user
        self._valkey = EmbeddedValkey(Path(settings.KINDRED_DATA) / "redis")
        _, self._token = create_token(actor=actor, name="benchmark", scope=TokenScope.WRITE)
        self._port = free_port()
        self._count = processes
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._valkey.start()
        environment = os.environ | {
            "REDIS_URL": self._valkey.url,
            "PYTHONPATH": str(_ROOT / "platform"),
            "KINDRED_DATABASE_POOL": "1",
            "KINDRED_HTTPS": "0",
            "KINDRED_LOG_LEVEL": "WARNING",
            "KINDRED_API_CALLS_PER_MINUTE": "1000000",
        }
        socket = listen(LOOPBACK, self._port)
        os.set_inheritable(socket.fileno(), True)  # noqa: FBT003
        command = [
            *(sys.executable, "-m", "uvicorn", "config.asgi:application"),
            *("--fd", str(socket.fileno()), "--lifespan", "off", "--no-access-log"),
            *("--log-level", "warning"),
        ]
        for _ in range(self._count):
            self._processes.append(
                subprocess.Popen(  # noqa: S603
                    command, cwd=_ROOT, env=environment, pass_fds=[socket.fileno()]
                )
            )
        socket.close()
        self._wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(timeout=20)
        self._valkey.stop()

    @property
    def pids(self) -> list[int]:
        """The web processes."""
        return [process.pid for process in self._processes]

    def client(self) -> httpx.Client:
        """A client that keeps its connection and carries the token."""
        return httpx.Client(
            base_url=f"{self.address}/api/v1/",
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=60,
            trust_env=False,
        )

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self._port}"

    def session(self) -> str:
        """A session of the person, as a browser keeps it in its cookie."""
        client = Client(SERVER_NAME=LOOPBACK)
        client.force_login(self._user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def browser(self) -> httpx.Client:
        """A client that keeps its connection and has signed in, for pages."""
        cookies = {settings.SESSION_COOKIE_NAME: self.session()}
        return httpx.Client(base_url=self.address, cookies=cookies, timeout=60, trust_env=False)

    def _wait(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                httpx.get(f"{self.address}/healthz", trust_env=False)
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
            else:
                return


def ask(client: httpx.Client, address: str, content: dict[str, Any]) -> dict[str, Any]:
    """POST JSON and read the answer, which has to be a good one."""
    answer = client.post(address, json=content)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
