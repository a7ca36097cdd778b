"""Pages of a search fit together while others import: no gap and no repeat."""

from collections.abc import Callable
from threading import Event

import numpy as np
import pytest
from django.db import connection

from accounts.actor import Actor
from accounts.models import User
from embeddings.search import VectorExample, search, service
from embeddings.search import rankings as rankings_module
from embeddings.search.distance import distances
from embeddings.services.vectors import write_vectors
from folders.choices import Metric
from folders.models import Folder
from tests.embeddings.connections import writers
from tests.embeddings.matrix_files.sets import make_file
from tests.embeddings.worlds import make_key, make_units, put, stored

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, MEANWHILE, BATCH, PAGE = 240, 120, 4, 16
QUERY = np.array([1.0, 0.5, 0.25], dtype=np.float32)


@pytest.mark.parametrize("window", [24, 1000])
@pytest.mark.parametrize("engine", ["scan", "postgres"])
def test_pages__fit_together_while_others_import(
    engine: str,
    window: int,
    birds: Folder,
    viewer: User,
    actor_for: Callable[[User], Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was there at the first page comes once and in its order, however many windows it takes.

    What is imported behind the reader may come too, but once.
    """
    monkeypatch.setattr(service, "WINDOW", window)
    monkeypatch.setattr(rankings_module, "WINDOW", window)
    key = make_key(birds)
    random = np.random.default_rng(3)
    units = make_units(birds, BEFORE + MEANWHILE)
    # Every third comes meanwhile, so that ids say nothing about what was there.
    later = units[::3]
    put(key, {unit: random.normal(size=3).tolist() for unit in units if unit not in set(later)})
    before = stored(key)
    make_file(birds, key)
    ended, first_page_read = Event(), Event()

    def import_all() -> int:
        first_page_read.wait(10)
        for start in range(0, MEANWHILE, BATCH):
            batch = np.array(later[start : start + BATCH], dtype=np.int64)
            values = random.normal(size=(len(batch), 3)).astype(np.float32)
            write_vectors(key=key, unit_ids=batch, values=values)
        ended.set()
        connection.close()
        return MEANWHILE

    found: list[int] = []
    actor, cursor = actor_for(viewer), None
    with writers(1) as (worker,):
        imported = worker.start(import_all)
        while True:
            page = search(
                actor=actor,
                root=birds,
                key=key,
                query=VectorExample(QUERY.tolist()),
                engine=engine,
                limit=PAGE,
                cursor=cursor,
            )
            found += [hit.unit_id for hit in page.hits]
            first_page_read.set()
            cursor = page.next_cursor
            if cursor is None:
                break
        assert imported.result(timeout=20) == MEANWHILE

    assert ended.is_set()
    assert len(found) == len(set(found))
    measured = distances(QUERY, np.stack(list(before.values())), Metric.COSINE)
    order = sorted(zip(measured.tolist(), before, strict=True))
    assert [unit for unit in found if unit in before] == [unit for _, unit in order]
