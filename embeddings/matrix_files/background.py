"""Makes matrix files in a thread of this process, one at a time, while PostgreSQL answers.

A thread and not a job: files belong to a host, and the host whose web process asks is the one that
needs them. Among the processes of a host a lock decides who works.
"""

import logging
import time
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread
from uuid import UUID

from django.conf import settings
from django.db import connections

from embeddings.matrix_files.budget import (
    disk_budget,
    expected_bytes,
    is_worth_a_file,
    keep_within_budget,
)
from embeddings.matrix_files.building import bring_up_to_date
from embeddings.matrix_files.checking import check_data
from embeddings.matrix_files.folders import locked, note_use, set_folder
from embeddings.matrix_files.source import count_vectors

# After work that failed, or that another process was at, the same set waits so long.
_PAUSE_SECONDS = 20.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """A set whose file is wanted."""

    root_id: UUID
    key_id: int
    dimensions: int
    anew: bool = False


class Builder:
    """A queue of wishes and the thread that fulfils them; the same wish waits only once."""

    def __init__(self) -> None:
        """The thread begins with the first wish, after any fork."""
        self._lock = Lock()
        self._queue: SimpleQueue[Wish] = SimpleQueue()
        self._waiting: set[Wish] = set()
        self._not_before: dict[Wish, float] = {}
        self._thread: Thread | None = None

    def ask(self, wish: Wish) -> None:
        """Have a file made or brought up to date, some time soon."""
        if not settings.MATRIX_BUILD:
            return
        with self._lock:
            early = time.monotonic() < self._not_before.get(wish, 0.0)
            if wish in self._waiting or (early and not wish.anew):
                return
            self._waiting.add(wish)
            self._queue.put(wish)
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work, name="matrix-files", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            wish = self._queue.get()
            done = False
            try:
                done = wish.anew or _is_worth_it(wish)
                done = done and fulfil(wish)
            except Exception:
                # Whatever it was, PostgreSQL goes on answering, and it is tried again.
                logger.exception("The matrix file of %s could not be made", wish)
            finally:
                connections.close_all()
                with self._lock:
                    self._waiting.discard(wish)
                    if not done:
                        self._not_before[wish] = time.monotonic() + _PAUSE_SECONDS


def _is_worth_it(wish: Wish) -> bool:
    rows = count_vectors(root_id=wish.root_id, key_id=wish.key_id)
    return is_worth_a_file(rows, wish.dimensions)


def fulfil(wish: Wish, *, wait: bool = False) -> bool:
    """Make the file or bring it up to date, check what is new in it, and keep to the disk budget.

    Args:
        wish: the set.
        wait: for another process that is working on it; else its work is left to it.

    Returns:
        Whether the file is there and up to date as of some moment after the call.
    """
    rows = count_vectors(root_id=wish.root_id, key_id=wish.key_id)
    if expected_bytes(rows, wish.dimensions) > disk_budget():
        return False
    folder = set_folder(wish.root_id, wish.key_id)
    with locked(folder, wait=wait) as held:
        if not held:
            return False
        started = time.monotonic()
        made = bring_up_to_date(
            root_id=wish.root_id, key_id=wish.key_id, dimensions=wish.dimensions, anew=wish.anew
        )
        if not made:
            return False
        note_use(folder)
        keep_within_budget(folder)
        logger.info("Matrix file of %s: %.1f s", folder.name, time.monotonic() - started)
        return check_data(folder)


BUILDER = Builder()
"""The one of this process."""
