"""Long arrays in parts, so that the numbers stay in the processor's cache between two passes."""

from collections.abc import Iterator

# 256 kB in float64.
_ROWS = 2**15


def blocks(count: int) -> Iterator[slice]:
    """Slices that cover `count` places, in order."""
    for start in range(0, count, _ROWS):
        yield slice(start, min(count, start + _ROWS))
