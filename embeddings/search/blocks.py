"""Long arrays a block at a time, so that what is computed between two steps stays in the cache.

Over a million distances each step on whole arrays waits for the memory; in blocks, only the first
and the last one do. Pure: knows no database.
"""

from collections.abc import Iterator

# 256 kB of float64: some of these fit into the cache of one core.
_ROWS = 32_768


def blocks(count: int) -> Iterator[slice]:
    """Slices that cover so many rows, in order."""
    for start in range(0, count, _ROWS):
        yield slice(start, min(count, start + _ROWS))
