"""Maps while they form: the points of a running reduction, passed on through the cache.

Losing one loses nothing: the next comes in a second or two, and the map itself is stored at its
end. Cut by what a person may see in embeddings.maps.access.
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

    def __init__(self, reduction_id: UUID, unit_ids: NDArray[np.int64], number: int = 0) -> None:
        """Publish nothing yet; `number` is that of the last snapshot of the run."""
        self._key = _key(reduction_id)
        self._unit_ids = unit_ids.tobytes()
        self._interval = max(INTERVAL_SECONDS, len(unit_ids) / _POINTS_PER_SECOND)
        self._next = 0.0
        self._number = number

    def show(self, points: NDArray[np.floating[Any]]) -> bool:
        """Publish the points if it is time to; says whether it was."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._number += 1
        as_sent = np.ascontiguousarray(points, dtype=np.float32).tobytes()
        try:
            cache.set(self._key, (self._number, self._unit_ids, as_sent), timeout=_KEPT_SECONDS)
        except (redis.RedisError, OSError):
            logger.warning("A snapshot of a forming map is lost: the cache does not answer.")
        self._next = time.monotonic() + self._interval
        return True


def latest_snapshot(reduction_id: UUID) -> Snapshot | None:
    """The newest points of a map that forms; None before the first, and when it is over."""
    try:
        found = cache.get(_key(reduction_id))
    except (redis.RedisError, OSError):
        return None
    if found is None:
        return None
    number, unit_ids, points = found
    return Snapshot(
        unit_ids=np.frombuffer(unit_ids, dtype=np.int64),
        points=np.frombuffer(points, dtype=np.float32).reshape(-1, 2),
        number=number,
    )


def forget_snapshot(reduction_id: UUID) -> None:
    """The map is finished, or will not come."""
    try:
        cache.delete(_key(reduction_id))
    except (redis.RedisError, OSError):
        logger.warning("The cache does not answer; it forgets the forming map by itself.")


def _key(reduction_id: UUID) -> str:
    return f"forming-map:{reduction_id}"
