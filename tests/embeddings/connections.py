"""Real connections beside Django's, for tests of transactions that overlap."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from time import monotonic, sleep
from typing import Any, TypeVar

import psycopg
from django.db import DatabaseError, connection

T = TypeVar("T")


def connect() -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of its own to the test database; its transactions begin by themselves."""
    settings = connection.settings_dict
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
    )


class Writer:
    """A thread with a connection of its own, which does what it is told, step by step.

    Django's `connection` is another one in each thread: steps name it inside a function.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._backend = self.do(_backend)

    def start(self, step: Callable[[], T]) -> "Future[T]":
        """Begin a step without waiting for it."""
        return self._thread.submit(step)

    def do(self, step: Callable[[], T]) -> T:
        """Carry out a step and wait for its end."""
        return self.start(step).result(timeout=20)

    def begin(self) -> None:
        """Open a transaction."""
        self.do(lambda: connection.set_autocommit(False))

    def commit(self) -> None:
        """Commit it."""
        self.do(_commit)

    def rollback(self) -> None:
        """Undo it."""
        self.do(_rollback)

    def close(self) -> None:
        """End the connection, whatever it waits for, and the thread."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [self._backend])
        with suppress(DatabaseError):
            self.do(_close)
        self._thread.shutdown()


@contextmanager
def writers(count: int) -> Iterator[list[Writer]]:
    """Some writers, closed at the end."""
    made = [Writer() for _ in range(count)]
    try:
        yield made
    finally:
        for writer in made:
            writer.close()


def _commit() -> None:
    connection.commit()


def _rollback() -> None:
    connection.rollback()


def _close() -> None:
    connection.close()


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def waits_for_a_lock(count: int = 1) -> bool:
    """Whether so many of the test database's connections wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0] >= count)


def wait_for_a_lock() -> None:
    """Wait until some connection waits for a lock."""
    end = monotonic() + 20
    while not waits_for_a_lock():
        assert monotonic() < end, "nobody waits for a lock"
        sleep(0.02)
