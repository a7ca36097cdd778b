"""Maps while they form: the points of a running reduction, passed on through the cache.

Losing one loses nothing: the next comes in a second or two, and the map itself is stored at its
end. Cut by what a person may see in embeddings.maps.access.

The newest snapshot is followed by the next; those before it stay for some seconds, so that a page
that still shows one may hold it: a region is drawn on the points that one sees, however far the
layout goes on meanwhile.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import redis
from django.core.cache import cache
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.2
# A million points are 16 MB: they come more rarely.
_POINTS_PER_SECOND = 200_000
# Outlives the pause after a worker died, but not a run that nobody takes up again.
_KEPT_SECONDS = 900
# As long as a page may take to load a snapshot and to say that it holds it.
_RECENT_SECONDS = 12
# Browsers let a page that nobody looks at ask once a minute.
_HELD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A map as it is now.

    Attributes:
        unit_ids: shape (n,), ascending; the place of a unit is its ordinal on the finished map.
        points: shape (n, 2), float32.
        number: rises from snapshot to snapshot of one run.
    """

    unit_ids: NDArray[np.int64]
    points: NDArray[np.float32]
    number: int


class Publisher:
    """Passes on the points of one run, now and then."""

    def __init__(self, reduction_id: UUID, unit_ids: NDArray[np.int64]) -> None:
        """Publish nothing yet; go on from the number of the last snapshot that there is."""
        self._reduction_id = reduction_id
        self._unit_ids = unit_ids.tobytes()
        self._interval = max(INTERVAL_SECONDS, len(unit_ids) / _POINTS_PER_SECOND)
        self._next = 0.0
        # A worker that takes over must not give another snapshot the number of one that is held.
        self._number = _latest_number(reduction_id)

    def show(self, points: NDArray[np.floating[Any]]) -> bool:
        """Publish the points if it is time to; says whether it was."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._number += 1
        as_sent = np.ascontiguousarray(points, dtype=np.float32).tobytes()
        try:
            self._pass_on(as_sent)
        except (redis.RedisError, OSError):
            logger.warning("A snapshot of a forming map is lost: the cache does not answer.")
        self._next = time.monotonic() + self._interval
        return True

    def _pass_on(self, points: bytes) -> None:
        number = self._number
        snapshot = (self._unit_ids, points)
        cache.set(_key(self._reduction_id, number), snapshot, timeout=_KEPT_SECONDS)
        cache.set(_number_key(self._reduction_id), number, timeout=_KEPT_SECONDS)
        recent = max(_RECENT_SECONDS, 3 * self._interval)
        cache.touch(_key(self._reduction_id, number - 1), timeout=recent)


def latest_snapshot(reduction_id: UUID) -> Snapshot | None:
    """The newest points of a map that forms; None before the first, and when it is over."""
    number = _latest_number(reduction_id)
    return _found(number, _key(reduction_id, number)) if number else None


def hold_snapshot(reduction_id: UUID, number: int) -> bool:
    """Keep a snapshot for some minutes, whatever comes after it; False if it is gone."""
    held = _held_key(reduction_id, number)
    try:
        if cache.touch(held, timeout=_HELD_SECONDS):
            return True
        found = cache.get(_key(reduction_id, number))
        if found is not None:
            cache.set(held, found, timeout=_HELD_SECONDS)
    except (redis.RedisError, OSError):
        return False
    return found is not None


def snapshot_of(reduction_id: UUID, number: int) -> Snapshot | None:
    """The snapshot of a number, if it is held or recent; also when the map is over."""
    held = _found(number, _held_key(reduction_id, number))
    return held or _found(number, _key(reduction_id, number))


def forget_snapshot(reduction_id: UUID) -> None:
    """The map is finished, or will not come; what pages hold stays for them."""
    number = _latest_number(reduction_id)
    try:
        cache.delete(_number_key(reduction_id))
        cache.touch(_key(reduction_id, number), timeout=_RECENT_SECONDS)
    except (redis.RedisError, OSError):
        logger.warning("The cache does not answer; it forgets the forming map by itself.")


def _latest_number(reduction_id: UUID) -> int:
    """0 before the first snapshot."""
    try:
        return int(cache.get(_number_key(reduction_id)) or 0)
    except (redis.RedisError, OSError):
        return 0


def _found(number: int, key: str) -> Snapshot | None:
    try:
        found = cache.get(key)
    except (redis.RedisError, OSError):
        return None
    if found is None:
        return None
    unit_ids, points = found
    return Snapshot(
        unit_ids=np.frombuffer(unit_ids, dtype=np.int64),
        points=np.frombuffer(points, dtype=np.float32).reshape(-1, 2),
        number=number,
    )


def _number_key(reduction_id: UUID) -> str:
    """Of the number of the newest snapshot."""
    return f"forming-map:{reduction_id}"


def _key(reduction_id: UUID, number: int) -> str:
    return f"forming-map:{reduction_id}:{number}"


def _held_key(reduction_id: UUID, number: int) -> str:
    return f"forming-map:{reduction_id}:{number}:held"
