"""The ranking of a search, kept for a while, so that its pages fit together whatever is written.

The first page ranks more hits than it shows; later pages are cut from these. Where they end, the
next ones are ranked behind the last. What is kept lies in the cache, which may lose it at any time.
"""

import logging
import math
import secrets
from collections.abc import Sequence

import numpy as np
from django.core.cache import cache
from redis.exceptions import RedisError

from embeddings.search.results import Hit

# A page later than that goes on from its cursor.
LIFETIME_SECONDS = 15 * 60
# Hits ranked at once: some pages, and 24 kB.
WINDOW = 1_000
_LAYOUT = np.dtype([("unit", "<i8"), ("distance", "<f8"), ("percentile", "<f8")])
logger = logging.getLogger(__name__)


def keep_ranking(hits: Sequence[Hit]) -> str:
    """Keep hits in their order; returns the name to read them by, empty when they are not kept."""
    name = secrets.token_urlsafe(12)
    # An unknown percentile becomes NaN.
    records = np.array(hits, dtype=_LAYOUT)
    try:
        cache.set(_key(name), records.tobytes(), LIFETIME_SECONDS)
    except (RedisError, OSError) as error:
        # Whatever the cache's trouble is, pages go on from their cursors.
        logger.warning("A ranking could not be kept: %s", error)
        return ""
    return name


def read_ranking(name: str) -> list[Hit] | None:
    """The hits kept under a name; None when they are gone."""
    try:
        kept = cache.get(_key(name))
    except (RedisError, OSError) as error:
        logger.warning("A ranking could not be read: %s", error)
        return None
    if kept is None:
        return None
    records = np.frombuffer(kept, dtype=_LAYOUT)
    return [
        Hit(unit, distance, None if math.isnan(percentile) else percentile)
        for unit, distance, percentile in records.tolist()
    ]


def _key(name: str) -> str:
    return f"embeddings.ranking:{name}"
