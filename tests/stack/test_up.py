"""The whole platform by one command. Each start takes seconds, so each test walks a whole way."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from stack.envfile import read_environment
from stack.ports import LOOPBACK, listen
from tests.stack.running import NOBODY, RunningStack, manage, processes_around

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

StartStack = Callable[..., RunningStack]
STOP_SECONDS = 10.0


def test_up__first_start_stop_and_second_start(
    private_folder: Path, start_stack: StartStack
) -> None:
    data = private_folder / "data"

    stack = start_stack(data)
    stack.wait_until_ready()
    stack.wait_for("Ctrl-C stops everything")
    assert f"Kindred is ready at {stack.url}/" in stack.output()
    assert "Sign in as admin@localhost with the password" in stack.output()
    assert stack.get("/healthz") == (200, {"status": "alive"})
    password = stack.output().partition("the password ")[2].split()[0]
    kept = [path for path in data.rglob("*") if path.is_file() and "cluster" not in path.parts]
    assert [path for path in kept if password.encode() in path.read_bytes()] == []
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "stack.env").stat().st_mode & 0o777 == 0o600
    assert (data / "logs" / "web-1.log").stat().st_size > 0
    assert len(processes_around(data)) > 5

    assert stack.interrupt() < STOP_SECONDS
    assert stack.process.returncode == 0
    assert processes_around(data) == []

    again = start_stack(data)
    again.wait_until_ready()
    again.wait_for("Ctrl-C stops everything")
    assert "the password" not in again.output()
    assert "Collecting" not in again.output()
    assert "Migrating" not in again.output()

    os.kill(again.process.pid, signal.SIGTERM)
    again.process.wait(STOP_SECONDS)
    assert processes_around(data) == []


def test_up__recovers_from_kill_9(private_folder: Path, start_stack: StartStack) -> None:
    data = private_folder / "data"
    stack = start_stack(data)
    stack.wait_until_ready()
    with psycopg.connect(read_environment(data)["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    worker = next(p for p in processes_around(data) if "--queues=reductions" in p.cmdline())
    database = next(p for p in processes_around(data) if p.cmdline()[1:2] == ["-D"])

    worker.kill()
    database.kill()
    stack.wait_for("reductions ended (signal SIGKILL)")
    stack.wait_for("postgres ended")
    stack.wait_until_ready()
    assert not database.is_running()

    # The supervisor alone: its processes are orphans that the next start has to end.
    orphans = [p for p in processes_around(data) if p.pid != stack.process.pid]
    stack.process.kill()
    stack.process.wait()
    after_supervisor = start_stack(data)
    after_supervisor.wait_until_ready()
    psutil.wait_procs(orphans, timeout=5)
    assert [p for p in orphans if p.is_running()] == []

    after_supervisor.kill_everything()
    after_everything = start_stack(data)
    after_everything.wait_until_ready()
    with psycopg.connect(read_environment(data)["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]
    assert after_everything.interrupt() < STOP_SECONDS
    assert processes_around(data) == []


def test_up__as_an_ordinary_user_and_commands_beside_it(
    private_folder: Path, start_stack: StartStack
) -> None:
    data = private_folder / "data"
    if os.geteuid() == 0:
        os.chown(private_folder, NOBODY, NOBODY)
    wanted = {
        "KINDRED_ADMIN_EMAIL": "ada@example.com",
        "KINDRED_ADMIN_PASSWORD": "a long enough one",
    }

    stack = start_stack(data, ordinary_user=True, environment=wanted)
    stack.wait_until_ready()
    stack.wait_for("Sign in as ada@example.com with the password of KINDRED_ADMIN_PASSWORD.")
    assert all(p.uids().real == data.stat().st_uid for p in processes_around(data))

    second = start_stack(data, ordinary_user=True)
    assert second.process.wait(30) == 1
    assert f"already runs on {data}: process {stack.process.pid}" in second.output()

    arguments = ["--email", "bob@example.com", "--password", "short", "--organisation", "Bakery"]
    refused = manage("bootstrap", *arguments, "--data", str(data))
    assert refused.returncode == 1
    assert "too short" in refused.stderr
    arguments[3] = "a long enough one"
    made = manage("bootstrap", *arguments, "--data", str(data))
    assert (made.returncode, made.stderr) == (0, "")
    repeated = manage("bootstrap", *arguments, KINDRED_DATA=str(data))
    assert (repeated.returncode, repeated.stderr) == (0, "")
    assert made.stdout.strip() != repeated.stdout.strip() != ""

    assert stack.interrupt() < STOP_SECONDS
    assert processes_around(data) == []
    away = manage("bootstrap", *arguments, "--data", str(data))
    assert away.returncode == 1
    assert "The database does not answer. Start the platform first" in away.stderr


def test_up__port_taken(private_folder: Path, start_stack: StartStack) -> None:
    data = private_folder / "data"
    with listen(LOOPBACK, 0) as other:
        port = other.getsockname()[1]
        refused = start_stack(data, "--port", str(port))
        assert refused.process.wait(30) == 1
    assert f"Port {port} on 127.0.0.1 cannot be had" in refused.output()
    assert f'make run ARGS="--port {port + 1}"' in refused.output()
    assert "Traceback" not in refused.output()
    assert processes_around(data) == []
