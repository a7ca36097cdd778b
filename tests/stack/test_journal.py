"""What the processes say."""

import io
import os
from pathlib import Path

import pytest

from stack import journal as module
from stack.journal import Journal


@pytest.fixture
def terminal() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def journal(tmp_path: Path, terminal: io.StringIO) -> Journal:
    return Journal(tmp_path, terminal)


def test_follow__prefixes_lines_and_keeps_them(
    journal: Journal, terminal: io.StringIO, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as output:
        output.write(b"one\n\n\xff two\n")

    journal.follow("web-1", os.fdopen(reader, "rb")).join()
    journal.close()

    assert terminal.getvalue() == "web-1      | one\nweb-1      | \ufffd two\n"
    assert [line[24:] for line in (tmp_path / "web-1.log").read_text().splitlines()] == [
        "one",
        "\ufffd two",
    ]
    assert journal.tail("web-1") == "  one\n  \ufffd two"


def test_line__quiet_ones_go_to_the_file_only(
    journal: Journal, terminal: io.StringIO, tmp_path: Path
) -> None:
    journal.line("postgres", "checkpoint", quiet=True)
    journal.close()

    assert terminal.getvalue() == ""
    assert "checkpoint" in (tmp_path / "postgres.log").read_text()


def test_line__says_once_that_the_disk_is_full(journal: Journal, terminal: io.StringIO) -> None:
    for _attempt in range(2):
        journal.line("postgres", "PANIC: could not write: No space left on device", quiet=True)
    journal.close()

    assert terminal.getvalue().count("The disk is full.") == 1


def test_say_once__is_kept_nowhere(journal: Journal, terminal: io.StringIO, tmp_path: Path) -> None:
    journal.say("hello")
    journal.say_once("the password")
    journal.close()

    assert terminal.getvalue() == "hello\nthe password\n"
    assert "the password" not in (tmp_path / "up.log").read_text()


def test_files__are_bounded(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FILE_BYTES", 1000)

    for number in range(200):
        journal.line("web-1", f"line {number}")
    journal.close()

    files = sorted(tmp_path.glob("web-1.log*"))
    assert len(files) == module.OLD_FILES + 1
    assert sum(path.stat().st_size for path in files) <= 1000 * len(files)


def test_line__goes_on_when_the_terminal_is_gone(journal: Journal, terminal: io.StringIO) -> None:
    terminal.close()

    journal.line("web-1", "one")
    journal.close()

    assert journal.tail("web-1") == "  one"
