"""Similarity search: one interface, engines behind it.

    page = search(actor=…, root=…, key=…, query=UnitExample(unit_id), limit=50)
    page = search(…, cursor=page.next_cursor)

Distances are defined by embeddings.search.distance; order is (distance, unit id).
"""

from embeddings.search.choice import DEFAULT_ENGINE, ENGINES
from embeddings.search.examples import Blend, Example, UnitExample, VectorExample
from embeddings.search.results import DistanceSummary, Hit, LeftOut, SearchPage
from embeddings.search.service import search
from embeddings.search.summary import distance_summary

__all__ = [
    "DEFAULT_ENGINE",
    "ENGINES",
    "Blend",
    "DistanceSummary",
    "Example",
    "Hit",
    "LeftOut",
    "SearchPage",
    "UnitExample",
    "VectorExample",
    "distance_summary",
    "search",
]
