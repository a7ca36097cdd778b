"""Which function carries out which kind of job."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.jobs.run import JobRun

HandlerFunction = Callable[["JobRun"], dict[str, Any] | None]

_handlers: dict[str, "Handler"] = {}


@dataclass(frozen=True, slots=True)
class Handler:
    """A kind of job: its function, its Celery queue, how often it may be begun, and whether one
    that ended badly may be tried again.
    """

    kind: str
    run: HandlerFunction
    queue: str
    max_attempts: int
    repeatable: bool


def handler(
    kind: str, *, queue: str = "default", max_attempts: int = 3, repeatable: bool = True
) -> Callable[[HandlerFunction], HandlerFunction]:
    """Register the decorated function for a kind of job.

    The function may be begun again after a crash, up to `max_attempts` times: it goes on from
    `run.checkpoint`, or does what it did before without harm. Its dict becomes the job's result.
    It is not repeatable where it undoes its work when it fails or is cancelled.
    Modules with handlers are imported in AppConfig.ready.
    """

    def register(function: HandlerFunction) -> HandlerFunction:
        known = _handlers.get(kind)
        if known is not None and known.run is not function:
            raise ValueError(f"The kind of job {kind!r} has a handler already.")
        _handlers[kind] = Handler(kind, function, queue, max_attempts, repeatable)
        return function

    return register


def find_handler(kind: str) -> Handler | None:
    """The handler of a kind, None when no installed app knows it."""
    return _handlers.get(kind)


def get_handler(kind: str) -> Handler:
    """The handler of a kind.

    Raises:
        LookupError: no installed app knows the kind.
    """
    found = _handlers.get(kind)
    if found is None:
        raise LookupError(f"No handler is registered for jobs of kind {kind!r}.")
    return found
