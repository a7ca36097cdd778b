"""How often a token may call: a bucket per token in Redis, refilled at an even rate.

A full bucket holds a minute's calls, so a burst is served at once. Sessions of pages are not
counted. While Redis is away nobody is kept out.
"""

import hashlib
import logging
import math
from dataclasses import dataclass

import redis
from django.conf import settings
from django.http.response import HttpResponseBase
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from core.jobs.broker import Circuit

logger = logging.getLogger(__name__)

# A call must not wait for a count.
TIMEOUT_SECONDS = 0.25
WINDOW_MS = 60_000

# Generic cell rate algorithm: the key holds the moment at which the bucket will be full again.
_SCRIPT = """
local now = redis.call('TIME')
now = now[1] * 1000 + now[2] / 1000
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local each, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local after = full + each
local allowed = after - now <= window
if allowed then
  local life = math.max(1, math.ceil(after - now))
  redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', life)
  full = after
end
local wait = allowed and 0 or math.ceil(after - now - window)
return {math.floor((window - (full - now)) / each), math.ceil(full - now), wait}
"""

circuit = Circuit()
_clients: dict[str, redis.Redis] = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a token stands: calls left now, seconds until all are back, seconds to wait."""

    limit: int
    remaining: int
    reset: int
    wait: float


class TokenThrottle(BaseThrottle):
    """Counts the calls of the bearer token that a request carries."""

    wait_seconds: float = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether the call is within the limit; what there is to tell is noted on the request."""
        token = self.caller(request)
        if not token or settings.API_CALLS_PER_MINUTE <= 0:
            return True
        standing = _count(token, settings.API_CALLS_PER_MINUTE)
        request._request.rate = standing  # type: ignore[attr-defined]
        if standing is None or not standing.wait:
            return True
        self.wait_seconds = standing.wait
        return False

    def caller(self, request: Request) -> str:
        """Whose calls are counted together; empty for those that are not counted."""
        return request.headers.get("Authorization", "")

    def wait(self) -> float:
        """Seconds until the next call is served."""
        return self.wait_seconds


def tell_rate(request: Request, response: HttpResponseBase) -> None:
    """Write where the token stands into the answer, if it was counted."""
    standing: Standing | None = getattr(request._request, "rate", None)
    if standing is not None:
        response["RateLimit-Limit"] = str(standing.limit)
        response["RateLimit-Remaining"] = str(standing.remaining)
        response["RateLimit-Reset"] = str(standing.reset)


def _count(token: str, limit: int) -> Standing | None:
    """Count one call; None when Redis is away."""
    if circuit.is_open:
        return None
    key = f"kindred:rate:{hashlib.sha256(token.encode()).hexdigest()[:32]}"
    try:
        remaining, reset_ms, wait_ms = _client().eval(
            _SCRIPT, 1, key, str(WINDOW_MS / limit), str(WINDOW_MS)
        )
    except (redis.RedisError, OSError) as error:
        circuit.trip()
        logger.warning("Calls are not counted: Redis does not answer (%s).", error)
        return None
    circuit.reset()
    return Standing(limit, remaining, math.ceil(reset_ms / 1000), wait_ms / 1000)


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
