"""The cache's connections to Redis."""

from functools import cache
from typing import Any, Self, cast

from redis import ConnectionPool


class SharedPool(ConnectionPool):
    """One pool for all threads of the process.

    Django gives each thread a cache of its own with a pool of its own; under ASGI each request is
    such a thread, and would connect anew.
    """

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Self:
        """The pool of an address and these options, the same one for whoever asks."""
        return cast("Self", _pool(url, tuple(sorted(options.items()))))


@cache
def _pool(url: str, options: tuple[tuple[str, Any], ...]) -> ConnectionPool:
    return ConnectionPool.from_url(url, **dict(options))
