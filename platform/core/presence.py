"""Signs of life of workers and beat, kept in the cache with a short expiry.

Celery's own `inspect ping` waits a second for answers that may never come; a worker that says so
by itself costs the one who asks a single read.
"""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from celery import signals
from django.core.cache import cache

if TYPE_CHECKING:
    from celery.apps.worker import Worker

logger = logging.getLogger(__name__)

# Workers send a heartbeat every 2 seconds, from the loop that also fetches tasks.
WORKER_SECONDS = 10
# Beat is heard whenever it has sent its most frequent task (every 5 seconds).
BEAT_SECONDS = 30
BEAT = "beat"
FREQUENT_TASK = "core.dispatch_waiting_jobs"

_queues: set[str] = set()


def present(names: Iterable[str]) -> set[str]:
    """Return which of the names (queues, or BEAT) somebody alive stands for."""
    found = cache.get_many([_key(name) for name in names])
    return {key.partition(":")[2] for key in found}


def announce(names: Iterable[str], *, seconds: int) -> None:
    """Say that somebody is there for the names; a broken cache is not the worker's trouble."""
    try:
        cache.set_many(dict.fromkeys(map(_key, names), 1), timeout=seconds)
    except Exception:
        logger.debug("The sign of life could not be left.", exc_info=True)


def connect_signals() -> None:
    """Let the workers and beat of this process announce themselves."""
    signals.celeryd_after_setup.connect(_remember_queues, weak=False)
    signals.heartbeat_sent.connect(_announce_worker, weak=False)
    signals.worker_shutting_down.connect(_withdraw_worker, weak=False)
    signals.beat_init.connect(_announce_beat, weak=False)
    signals.after_task_publish.connect(_announce_beat, sender=FREQUENT_TASK, weak=False)


def _key(name: str) -> str:
    return f"presence:{name}"


def _remember_queues(instance: "Worker", **_kwargs: Any) -> None:
    _queues.update(instance.app.amqp.queues.consume_from)


def _announce_worker(**_kwargs: Any) -> None:
    announce(_queues, seconds=WORKER_SECONDS)


def _withdraw_worker(**_kwargs: Any) -> None:
    _queues.clear()


def _announce_beat(**_kwargs: Any) -> None:
    announce([BEAT], seconds=BEAT_SECONDS)
