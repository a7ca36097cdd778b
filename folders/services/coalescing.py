"""Making a thing once for all who ask for it at the same time."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Coalescer(Generic[T]):
    """Calls that ask for the same key while it is being made wait for the one that makes it, and
    share its result or its error. Within one process; two processes may make a thing twice.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._making: dict[str, Future[T]] = {}

    def get(self, key: str, make: Callable[[], T]) -> T:
        """What `make` returns, called here or by somebody who came first."""
        with self._lock:
            found = self._making.get(key)
            mine: Future[T] | None = None
            if found is None:
                found = mine = self._making[key] = Future()
        if mine is not None:
            self._make(key, mine, make)
        return found.result()

    def _make(self, key: str, future: Future[T], make: Callable[[], T]) -> None:
        try:
            future.set_result(make())
        except BaseException as error:
            future.set_exception(error)
            # Raised to those who wait by `result`; what ends this process must not wait for it.
            if not isinstance(error, Exception):
                raise
        finally:
            with self._lock:
                del self._making[key]
