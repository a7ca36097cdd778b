"""A worker is killed while it builds an index: real broker, real kill."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings

from accounts.actor import Actor
from accounts.models import User
from core.models import Job, JobState
from core.services import jobs
from embeddings.choices import IndexState
from embeddings.indexes.table import table_name
from embeddings.models import VectorIndex, VectorSet
from embeddings.services.indexes import start_index
from embeddings.services.vectors import write_vectors
from folders.models import Folder
from tests.embeddings.indexes.tables import index_tables
from tests.embeddings.worlds import make_key, make_units
from tests.jobs import Worker, broker, free_broker_port, use_broker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

VECTORS = 6_000


@pytest.fixture(autouse=True)
def _surroundings(settings: LazySettings) -> Iterator[None]:
    before = settings.CELERY_BROKER_URL
    settings.JOB_HEARTBEAT_TIMEOUT_SECONDS = 3
    yield
    use_broker(before)


def test_build__of_a_killed_worker_is_taken_over(
    birds: Folder, admin: User, actor_for: Callable[[User], Actor], tmp_path: Path
) -> None:
    """The graph takes some seconds: it is in the middle of it that the worker goes."""
    values = np.random.default_rng(8).normal(size=(VECTORS, 256)).astype(np.float32)
    key = make_key(birds, dimensions=256)
    write_vectors(key=key, unit_ids=np.array(make_units(birds, VECTORS)), values=values)
    job = start_index(actor=actor_for(admin), set_id=VectorSet.objects.get().pk)
    with broker(free_broker_port()) as url:
        use_broker(url)
        jobs.dispatch_waiting_jobs()
        with Worker(url, tmp_path / "first.log") as worker:
            wait_for(lambda: _now(job).step.startswith("Building"), what=f"a graph ({worker.log})")
            worker.kill()
        assert VectorIndex.objects.get().state == IndexState.BUILDING
        wait_for(jobs.reap_lost_jobs, what="the reaper to notice", seconds=30)
        with Worker(url, tmp_path / "second.log"):
            wait_for(lambda: not _now(job).is_active, what="the second worker", seconds=240)

    assert (job.state, job.attempts) == (JobState.FINISHED, 2), job.error_message
    index = VectorIndex.objects.get()
    assert (index.state, index.rows) == (IndexState.READY, VECTORS)
    assert index_tables() == {table_name(index)}


def _now(job: Job) -> Job:
    job.refresh_from_db()
    return job
