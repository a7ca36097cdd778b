"""Counts what happens, hour by hour, with a write every few seconds at most.

What a process has counted since its last write is lost with it: plots can bear that.
"""

import time
from collections import Counter
from datetime import datetime
from threading import Lock

from django.db import connection
from django.utils import timezone

WRITE_SECONDS = 10.0
_ADD = """
    INSERT INTO core_tally (name, hour, count) VALUES (%s, %s, %s)
    ON CONFLICT (name, hour) DO UPDATE SET count = core_tally.count + excluded.count
"""


class _Tallies:
    """The counts of this process since its last write."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, datetime]] = Counter()
        self.written = float("-inf")

    def add(self, name: str) -> list[tuple[str, datetime, int]]:
        """Count one; return what is to be written now, which is mostly nothing."""
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._counts[name, hour] += 1
            if time.monotonic() - self.written < WRITE_SECONDS:
                return []
            self.written = time.monotonic()
            # In one order: two processes that write the same rows cannot wait for each other.
            taken = sorted((*key, number) for key, number in self._counts.items())
            self._counts.clear()
            return taken


tallies = _Tallies()


def count(name: str) -> None:
    """Count one; written now if the last write is some seconds ago."""
    rows = tallies.add(name)
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)
