"""Sending ids to the broker, without ever making a request wait for one that is away."""

import logging
import time
from uuid import UUID

import redis
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 1.0
# After a failure nothing is tried for this long, so that ten jobs in one request cost one timeout.
REST_SECONDS = 3.0

_BROKER_ERRORS = (OperationalError, redis.RedisError, OSError)


class Circuit:
    """Remembers, per process, that a server did not answer a moment ago."""

    def __init__(self) -> None:
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether it is to be left alone."""
        return time.monotonic() < self._open_until

    def trip(self) -> None:
        """It did not answer."""
        self._open_until = time.monotonic() + REST_SECONDS

    def reset(self) -> None:
        """It answered."""
        self._open_until = 0.0


circuit = Circuit()
_clients: dict[str, redis.Redis] = {}


def send_job(job_id: UUID, queue: str) -> bool:
    """Put the job's id into the queue; False when the broker is away."""
    return send_task("core.run_job", [str(job_id)], queue)


def send_task(name: str, arguments: list[str], queue: str) -> bool:
    """Put a message into a queue; False when the broker is away.

    A ping with a short time limit goes first: Celery's own connection waits longer, because workers
    need it to.
    """
    if circuit.is_open:
        return False
    try:
        _client().ping()
        current_app.send_task(name, args=arguments, queue=queue, retry=False)
    except _BROKER_ERRORS as error:
        circuit.trip()
        about = " ".join([name, *arguments])
        logger.warning("%s waits: the broker does not answer (%s).", about, error)
        return False
    circuit.reset()
    return True


def queue_length(queue: str) -> int | None:
    """How many messages wait in the queue, None when the broker is away."""
    if circuit.is_open:
        return None
    try:
        return int(_client().llen(queue))
    except _BROKER_ERRORS:
        circuit.trip()
        return None


def _client() -> redis.Redis:
    url = settings.CELERY_BROKER_URL
    if url not in _clients:
        _clients[url] = redis.Redis.from_url(
            url,
            socket_connect_timeout=TIMEOUT_SECONDS,
            socket_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    return _clients[url]
