"""A worker is killed in the middle of a layout: real broker, real kill."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings

from accounts.actor import Actor
from accounts.models import User
from core.models import Job, JobState
from core.services import jobs
from embeddings.models import Reduction, ReductionPoint
from embeddings.reductions import Phase, TsneParameters, reduce_vectors
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from embeddings.services.vectors import write_vectors
from folders.models import Folder
from tests.embeddings.worlds import make_key, make_units
from tests.jobs import Worker, broker, free_broker_port, use_broker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = 6_000


@pytest.fixture(autouse=True)
def _surroundings(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    before = settings.CELERY_BROKER_URL
    settings.JOB_HEARTBEAT_TIMEOUT_SECONDS = 3
    monkeypatch.setenv("KINDRED_DATA", str(tmp_path))
    yield
    use_broker(before)


def test_reduction__goes_on_where_its_killed_worker_was(
    birds: Folder, editor: User, actor_for: Callable[[User], Actor], tmp_path: Path
) -> None:
    vectors = np.random.default_rng(8).normal(size=(POINTS, 24)).astype(np.float32)
    vectors[:, :3] += np.random.default_rng(9).integers(0, 4, size=(POINTS, 3)) * 3
    key = make_key(birds, dimensions=24)
    ids = np.array(make_units(birds, POINTS), dtype=np.int64)
    write_vectors(key=key, unit_ids=ids, values=vectors)
    (job,) = save_upgrade(
        actor=actor_for(editor), root=birds, keys=[UpgradeChoice(key=key, reduce=True)]
    )
    reduction = Reduction.objects.get()
    folder = tmp_path / "reductions" / str(reduction.pk)
    with broker(free_broker_port()) as url:
        use_broker(url)
        jobs.dispatch_waiting_jobs()
        with Worker(url, tmp_path / "first.log") as worker:
            wait_for((folder / "layout.npz").exists, what=f"work to keep ({worker.log})")
            worker.kill()
        assert {file.stem for file in folder.iterdir()} >= {"units", "neighbours", "affinities"}
        with np.load(folder / "layout.npz") as kept:
            phase, done = str(kept["phase"]), int(kept["done"])
        assert Job.objects.get(pk=job.pk).state == JobState.RUNNING
        wait_for(jobs.reap_lost_jobs, what="the reaper to notice", seconds=30)
        with Worker(url, tmp_path / "second.log"):
            wait_for(lambda: not _now(job).is_active, what="the second worker", seconds=240)

    assert (job.state, job.attempts) == (JobState.FINISHED, 2), job.error_message
    reduction.refresh_from_db()
    assert done > 0
    assert reduction.used["resumed_at"] == [phase, done]
    assert phase in (Phase.EXAGGERATION, Phase.LAYOUT)
    # As if nothing had happened.
    whole = reduce_vectors(vectors.copy(), metric="cosine", parameters=TsneParameters())
    points = ReductionPoint.objects.order_by("ordinal").values_list("x", "y")
    assert (np.array(points, dtype=np.float32) == whole.points).all()
    assert not folder.exists()


def _now(job: Job) -> Job:
    job.refresh_from_db()
    return job
