"""Reads on while what was read is used."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

_END: Final = object()


def read_ahead(batches: Iterator[T]) -> Iterator[T]:
    """The same, each read in a thread while the one before is used.

    Reading and decoding let go of Python's lock: they cost no time where the database takes longer
    to write a batch than it takes to read one.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as pool:
        following = pool.submit(next, batches, _END)
        while (batch := following.result()) is not _END:
            following = pool.submit(next, batches, _END)
            yield batch  # type: ignore[misc]
