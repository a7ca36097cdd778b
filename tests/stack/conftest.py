"""Fixtures of the stack's tests."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.running import RunningStack


@pytest.fixture(autouse=True)
def _own_storage() -> None:
    """Undo the project's fixture of this name: these tests keep away from Django's storage."""


@pytest.fixture
def private_folder() -> Iterator[Path]:
    """A folder of mode 700, as `mktemp -d` makes it."""
    folder = Path(tempfile.mkdtemp(prefix="kindred-stack-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start_stack() -> Iterator[Callable[..., RunningStack]]:
    """Start stacks that are gone after the test, whatever happens in it."""
    started: list[RunningStack] = []

    def start(data: Path, *arguments: str, **options: Any) -> RunningStack:
        started.append(RunningStack(data, *arguments, **options))
        return started[-1]

    yield start
    for stack in started:
        stack.close()
