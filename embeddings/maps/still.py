"""The picture of a finished map as one person sees it, kept for whoever sees the same."""

import logging

import redis
from django.core.cache import cache

from embeddings.maps.access import View
from embeddings.maps.density import Picture, Scheme, density_picture
from embeddings.maps.payload import finished_rows

logger = logging.getLogger(__name__)

_KEPT_SECONDS = 24 * 3600


def map_picture(view: View, scheme: Scheme) -> Picture:
    """Where the points of the view lie; the mark names its rows, so that no other is given out."""
    key = f"map-picture:{view.mark}:{scheme}"
    try:
        kept = cache.get(key)
        if kept is not None:
            return Picture(*kept)
    except (redis.RedisError, OSError):
        logger.warning("The cache does not answer; the picture of a map is drawn anew.")
    picture = density_picture(finished_rows(view)[1], scheme)
    try:
        cache.set(key, (picture.png, picture.bounds), timeout=_KEPT_SECONDS)
    except (redis.RedisError, OSError):
        logger.warning("The cache does not answer; the picture of a map is not kept.")
    return picture
