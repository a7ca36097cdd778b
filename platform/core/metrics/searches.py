"""Counts similarity searches, for Prometheus and for the console's plot."""

from django.db import transaction

from core import tallies
from core.metrics import SEARCHES

SEARCH_TALLY = "searches"


def count_search() -> None:
    """Count a search that somebody asked for and that was answered, once for all of its pages.

    Views call this: what other services search for on the way is nobody's search.
    """
    SEARCHES.inc()
    # Outside of the request's transaction: a count for a plot must not cost anybody his answer.
    transaction.on_commit(_tally, robust=True)


def _tally() -> None:
    tallies.count(SEARCH_TALLY)
