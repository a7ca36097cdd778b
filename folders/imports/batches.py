"""Entries of a stream by batches that bound memory."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from folders.constants import BATCH_SIZE

# Text of the entries of one batch; as Python objects, vectors take four times as much.
MAX_BATCH_BYTES = 12 * 1024 * 1024


class Sized(Protocol):
    """An entry that knows how much text it takes."""

    @property
    def size(self) -> int:
        """In bytes."""


E = TypeVar("E", bound=Sized)


def batches(entries: Iterable[E]) -> Iterator[list[E]]:
    """Up to BATCH_SIZE entries, or as many as MAX_BATCH_BYTES hold, but at least one."""
    batch: list[E] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == BATCH_SIZE or size + entry.size > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch
