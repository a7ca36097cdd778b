"""A worker is killed while it writes vectors: nothing is changed, and the next one does it all."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings
from django.db import connection

from accounts.actor import Actor
from accounts.models import User
from core.jobs.broker import circuit
from core.models import Job, JobState
from core.services import jobs
from embeddings.models import VectorChange, VectorSet
from folders.choices import ImportState, KeyType
from folders.models import Folder, Import
from folders.services.data_imports import cancel_import, start_import
from folders.services.schema import add_key
from tests.embeddings.bulk.files import npz
from tests.embeddings.worlds import make_units, put, stored
from tests.jobs import Worker, broker, free_broker_port, use_broker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 8_000
DIMENSIONS = 1000


@pytest.fixture(autouse=True)
def _surroundings(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    """Workers share the test's media folder."""
    before = settings.CELERY_BROKER_URL
    settings.JOB_HEARTBEAT_TIMEOUT_SECONDS = 3
    monkeypatch.setenv("KINDRED_DATA", str(tmp_path))
    yield
    use_broker(before)


def begin(actor: Actor, folder: Folder, key: str) -> Import:
    vectors = np.arange(ROWS * DIMENSIONS, dtype=np.float32).reshape(ROWS, DIMENSIONS)
    names = np.array([f"image-{number:05}.png" for number in range(ROWS)])
    return start_import(
        actor=actor,
        folder=folder,
        kind="vectors",
        file=io.BytesIO(npz(compressed=False, ids=names, vectors=vectors)),
        file_name="many.npz",
        options={"key": key},
    )


def copies() -> bool:
    """Whether somebody is copying into the partition at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_progress_copy c JOIN pg_class t ON t.oid = c.relid"
            " WHERE t.relname LIKE 'embeddings_vector_%%' AND c.datid ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return bool(cursor.fetchone()[0])


def test_write__killed_while_copying(
    birds: Folder, admin: User, actor_for: Callable[[User], Actor], tmp_path: Path
) -> None:
    actor = actor_for(admin)
    key = add_key(actor=actor, name="clip", type=KeyType.EMBEDDING, dimensions=DIMENSIONS)
    units = make_units(birds, ROWS)
    put(key, {units[0]: [7.0] * DIMENSIONS})
    with broker(free_broker_port()) as url:
        use_broker(url)
        circuit.reset()
        row = begin(actor, birds, key.name)
        with Worker(url, tmp_path / "first.log") as worker:
            wait_for(copies, what=f"the copy (see {tmp_path}/first.log)", seconds=120)
            worker.kill()
        wait_for(jobs.reap_lost_jobs, what="the reaper to notice", seconds=30)
        row.refresh_from_db()
        assert row.state == ImportState.WRITING
        assert stored(key)[units[0]].tolist() == [7.0] * DIMENSIONS
        assert len(stored(key)) == VectorSet.objects.get(key=key).revision == 1
        ended = Job.objects.filter(kind="folders.import", state=JobState.FINISHED)
        with Worker(url, tmp_path / "second.log"):
            wait_for(ended.exists, what="the second worker", seconds=120)

    row.refresh_from_db()
    assert (row.state, row.report["vectors"]) == (ImportState.DONE, {"clip": ROWS})
    found = stored(key)
    assert len(found) == ROWS
    assert found[units[5]].tolist() == list(range(5 * DIMENSIONS, 6 * DIMENSIONS))
    assert VectorSet.objects.get(key=key).revision == 2
    assert VectorChange.objects.count() == ROWS + 1


def test_cancel__while_copying_leaves_nothing(
    birds: Folder, admin: User, actor_for: Callable[[User], Actor], tmp_path: Path
) -> None:
    actor = actor_for(admin)
    key = add_key(actor=actor, name="clip", type=KeyType.EMBEDDING, dimensions=DIMENSIONS)
    make_units(birds, ROWS)
    with broker(free_broker_port()) as url:
        use_broker(url)
        circuit.reset()
        row = begin(actor, birds, key.name)
        ended = Import.objects.filter(state__in=[ImportState.CANCELLED, ImportState.DONE])
        with Worker(url, tmp_path / "worker.log"):
            wait_for(copies, what="the copy", seconds=120)
            cancel_import(actor=actor, row=row)
            wait_for(ended.exists, what="the end", seconds=120)

    row.refresh_from_db()
    # The last of the vectors may have been on their way already.
    assert len(stored(key)) == (0 if row.state == ImportState.CANCELLED else ROWS)
