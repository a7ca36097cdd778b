"""Counts and times requests by the name of their route: addresses hold ids without end."""

import logging
import time
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core import tallies
from core.metrics import REQUEST_SECONDS, REQUESTS, SEARCHES

logger = logging.getLogger(__name__)

SEARCH_TALLY = "searches"
_SEARCH_ROUTES = ("api-folder-search",)
# The Explorer searches when its address names a unit or a vector.
_EXPLORER_ROUTES = ("explorer", "explorer-results")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class MetricsMiddleware:
    """Outermost but for the request's id: it times all that lies within."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        start = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.view_name if request.resolver_match else "unknown"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(method, route, str(response.status_code)).inc()
        REQUEST_SECONDS.labels(route).observe(time.perf_counter() - start)
        if response.status_code < 400 and _is_search(request, route):
            SEARCHES.inc()
            _tally()
        return response


def _is_search(request: HttpRequest, route: str) -> bool:
    return route in _SEARCH_ROUTES or (route in _EXPLORER_ROUTES and "similar" in request.GET)


def _tally() -> None:
    """A count for a plot must not cost anybody his answer."""
    try:
        tallies.count(SEARCH_TALLY)
    except DatabaseError:
        logger.warning("A search could not be counted.", exc_info=True)
