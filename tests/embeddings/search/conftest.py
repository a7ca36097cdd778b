"""Scans that have their files at once, and an index that is there."""

import pytest

from embeddings.search import ENGINES, choice
from tests.embeddings.search.engines import FiledScan, IndexedHnsw


@pytest.fixture(autouse=True)
def _files_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is asked for reads far behind its file, the one that is chosen appends always.

    The first multiplies also for few units, the second measures few one by one.
    """
    monkeypatch.setitem(ENGINES, "scan", FiledScan(few_units=0, most_changes=200))
    monkeypatch.setitem(ENGINES, "hnsw", IndexedHnsw(most_changes=3))
    monkeypatch.setattr(choice, "SCAN", FiledScan(few_units=30, most_changes=0))
