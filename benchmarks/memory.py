"""The peak memory of this process and all that it started."""

import gc
import os
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self, TypeVar

import psutil

_INTERVAL_SECONDS = 0.05
_MEGABYTE = 1024 * 1024


T = TypeVar("T")


def held_by(make: Callable[[], T]) -> tuple[T, float]:
    """What is made, and the megabytes that this process holds more for it."""
    process = psutil.Process()
    gc.collect()
    before = process.memory_full_info().uss
    made = make()
    gc.collect()
    return made, max(0.0, (process.memory_full_info().uss - before) / _MEGABYTE)


class PeakMemory:
    """Measures while it is entered: `with PeakMemory() as peak: …; peak.megabytes`.

    What counts is the unique set size (memory that no other process shares) of every process of the
    tree but those of the benchmark's own PostgreSQL, plus what the root process shares with others,
    once: forked and spawned workers share libraries, which are not taken up twice.
    """

    def __init__(self, root: int | None = None) -> None:
        """Watch the tree below a process, this one unless another is named."""
        self.megabytes = 0.0
        # What the process held already: imports, and what earlier measurements left.
        self.before = 0.0
        self._root = psutil.Process(root or os.getpid())
        self._ended = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    @property
    def growth(self) -> float:
        """Megabytes above what there was before."""
        return self.megabytes - self.before

    def __enter__(self) -> Self:
        self.before = self.megabytes = self._now()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self.megabytes = max(self.megabytes, self._now())

    def _watch(self) -> None:
        while not self._ended.wait(_INTERVAL_SECONDS):
            self.megabytes = max(self.megabytes, self._now())

    def _now(self) -> float:
        try:
            total = float(self._root.memory_info().rss)
            children = self._root.children(recursive=True)
        except psutil.NoSuchProcess:
            # A command that has ended in the meantime.
            return 0.0
        for process in children:
            try:
                if "postgres" not in process.name():
                    total += process.memory_full_info().uss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return total / _MEGABYTE
