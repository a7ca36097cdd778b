"""The page of figures is the one that belongs to the stored results."""

from benchmarks.places import PAGE
from benchmarks.tables import page


def test_page__shows_the_stored_results() -> None:
    assert PAGE.read_text() == page(), 'make bench ARGS="--tables" writes it anew'
