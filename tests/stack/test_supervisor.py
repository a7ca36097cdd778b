"""Starting, restarting and stopping, with small real processes."""

import io
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from stack import service as service_module
from stack.constants import STACK_MARK
from stack.errors import StackError
from stack.journal import Journal
from stack.orphans import processes_of
from stack.service import Service
from stack.supervisor import Supervisor

STUBBORN = """
import signal, subprocess, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("child", child.pid, flush=True)
time.sleep(60)
"""
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("bye", flush=True), sys.exit(0)))
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture
def terminal() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path: Path, terminal: io.StringIO) -> Iterator[Supervisor]:
    journal = Journal(tmp_path, terminal)
    found = Supervisor(journal, tmp_path)
    yield found
    found.stop()
    journal.close()


def python(tmp_path: Path, name: str, code: str) -> Service:
    """A service that runs a piece of Python."""
    return Service(
        name=name,
        command=lambda: [sys.executable, "-c", code],
        cwd=tmp_path,
        environment={STACK_MARK: str(tmp_path)},
        stops=((signal.SIGTERM, 0.3), (signal.SIGQUIT, 0.2)),
    )


def wait_for(terminal: io.StringIO, text: str, supervisor: Supervisor) -> None:
    """Look after the processes until one of them says the text."""
    deadline = time.monotonic() + 10
    while text not in terminal.getvalue():
        assert time.monotonic() < deadline, terminal.getvalue()
        supervisor.look_after()
        time.sleep(0.02)


def test_stop__asks_first(tmp_path: Path, supervisor: Supervisor, terminal: io.StringIO) -> None:
    supervisor.start(python(tmp_path, "polite", POLITE))
    wait_for(terminal, "up", supervisor)

    supervisor.stop()

    wait_for(terminal, "bye", supervisor)
    assert processes_of(tmp_path) == []


def test_stop__kills_the_stubborn_with_their_children(
    tmp_path: Path, supervisor: Supervisor, terminal: io.StringIO
) -> None:
    supervisor.start(python(tmp_path, "stubborn", STUBBORN))
    wait_for(terminal, "child", supervisor)
    child = psutil.Process(int(terminal.getvalue().split()[-1]))

    begin = time.monotonic()
    supervisor.stop()

    assert time.monotonic() - begin < 3
    assert processes_of(tmp_path) == []
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_stop__last_group_first(
    tmp_path: Path, supervisor: Supervisor, terminal: io.StringIO
) -> None:
    last_word = POLITE.replace('print("bye"', 'print("bye", sys.argv[1:] or "first"')
    supervisor.start(python(tmp_path, "database", last_word))
    supervisor.start(python(tmp_path, "web", last_word))
    for name in ("database", "web"):
        wait_for(terminal, f"{name:<11}| up", supervisor)

    supervisor.stop()
    for name in ("database", "web"):
        wait_for(terminal, f"{name:<11}| bye", supervisor)

    assert terminal.getvalue().index("web        | bye") < terminal.getvalue().index(
        "database   | bye"
    )


def test_look_after__starts_again_with_growing_delays(
    tmp_path: Path,
    supervisor: Supervisor,
    terminal: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_module, "FIRST_DELAY", 0.01)
    prepared: list[float] = []
    dying = python(tmp_path, "web", "raise SystemExit(3)")

    supervisor.start(replace(dying, prepare=lambda: prepared.append(time.monotonic())))

    wait_for(terminal, "starting it again in 0.04 s", supervisor)
    assert "web ended (exit status 3); starting it again in 0.01 s." in terminal.getvalue()
    assert len(prepared) >= 3


def test_look_after__a_failing_preparation_is_tried_again(
    tmp_path: Path,
    supervisor: Supervisor,
    terminal: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_module, "FIRST_DELAY", 0.01)
    problems: list[StackError | None] = [None, StackError("the disk is gone"), None]

    def prepare() -> None:
        problem = problems.pop(0) if problems else None
        if problem:
            raise problem

    service = python(tmp_path, "database", "import time; print('up', flush=True); time.sleep(0.2)")
    supervisor.start(replace(service, prepare=prepare))

    wait_for(terminal, "database cannot start: the disk is gone", supervisor)
    terminal.truncate(0)
    wait_for(terminal, "up", supervisor)


def test_look_after__a_one_shot_ends(
    tmp_path: Path, supervisor: Supervisor, terminal: io.StringIO
) -> None:
    supervisor.start(replace(python(tmp_path, "demo", "raise SystemExit(2)"), once=True))

    wait_for(terminal, "demo failed (exit status 2).", supervisor)
    supervisor.wait_until_ready(1)  # nobody waits for it


def test_wait_until_ready__gives_up_on_a_process_that_keeps_dying(
    tmp_path: Path, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "FIRST_DELAY", 0.01)
    dying = python(tmp_path, "web", "raise SystemExit('no such thing')")
    supervisor.start(replace(dying, is_ready=lambda: False))

    with pytest.raises(StackError, match=r"Cannot start: web\.\n.*no such thing"):
        supervisor.wait_until_ready(20)


def test_wait_until_ready__names_who_is_late(tmp_path: Path, supervisor: Supervisor) -> None:
    slow = python(tmp_path, "web", "import time; time.sleep(60)")
    supervisor.start(replace(slow, is_ready=lambda: False))

    with pytest.raises(StackError, match=r"Not ready after 0.3 s: web"):
        supervisor.wait_until_ready(0.3)


def test_start__niceness_and_own_session(tmp_path: Path, supervisor: Supervisor) -> None:
    service = python(tmp_path, "reductions", "import time; time.sleep(60)")

    supervisor.start(replace(service, niceness=10))

    (process,) = processes_of(tmp_path)
    assert process.nice() == 10
    assert process.ppid() == psutil.Process().pid
