"""A worker is killed in the middle of a large deletion and a large move: real broker and kill."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection, CollectionUnit
from core.models import Job, JobState
from core.services import jobs
from embeddings.models import Vector
from embeddings.services.vectors import write_vectors
from folders import hooks
from folders.models import Folder, Item, MetadataKey, Unit, UnitCount
from folders.permissions import sees_whole_root
from folders.services.deletion import delete_folder
from folders.services.moves import move_folder
from tests.embeddings.worlds import make_key, make_units
from tests.factories import FolderFactory
from tests.jobs import Worker, broker, free_broker_port, use_broker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

UNITS = 6_000


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


@pytest.fixture
def key(night: Folder) -> MetadataKey:
    """A key under which all units of two folders below Birds have vectors."""
    made = make_key(night, dimensions=4)
    owls = FolderFactory.create(parent=night, name="Owls")
    ids = np.array(make_units(night, UNITS // 2) + make_units(owls, UNITS // 2), dtype=np.int64)
    write_vectors(key=made, unit_ids=ids, values=np.ones((len(ids), 4), dtype=np.float32))
    return made


def carried_out(kill_when: Callable[[], bool], tmp_path: Path) -> Job:
    """Let a worker begin, kill its process group half way, and let another one end the job."""
    with broker(free_broker_port()) as url:
        use_broker(url)
        jobs.dispatch_waiting_jobs()
        job = Job.objects.latest("created_at")
        with Worker(url, tmp_path / "first.log") as worker:
            wait_for(kill_when, what=f"the first batches (see {worker.log})", seconds=120)
            worker.kill()
        job.refresh_from_db()
        assert job.state == JobState.RUNNING
        wait_for(jobs.reap_lost_jobs, what="the reaper to notice", seconds=30)
        with Worker(url, tmp_path / "second.log"):
            wait_for(lambda: not _now(job).is_active, what="the second worker", seconds=240)
    assert (job.state, job.attempts) == (JobState.FINISHED, 2), job.error_message
    return job


def _now(job: Job) -> Job:
    job.refresh_from_db()
    return job


def test_deletion__of_a_large_folder_ends_although_its_worker_is_killed(
    birds: Folder,
    night: Folder,
    key: MetadataKey,
    admin: User,
    actor_for: Callable[[User], Actor],
    tmp_path: Path,
) -> None:
    actor = actor_for(admin)
    stays = make_units(birds, 1)
    delete_folder(actor=actor, folder=night)

    def half_way() -> bool:
        assert set(Unit.objects.visible_to(actor).values_list("pk", flat=True)) == set(stays)
        assert not sees_whole_root(actor, birds)
        return Unit.objects.count() <= UNITS * 3 // 4

    carried_out(half_way, tmp_path)

    assert set(Unit.objects.values_list("pk", flat=True)) == set(stays)
    assert Item.objects.count() == 1
    assert not Vector.objects.exists()
    assert set(Folder.everything.all()) == {birds}
    assert sum(UnitCount.objects.values_list("units", flat=True)) == 1


def test_move__of_a_large_folder_ends_although_its_worker_is_killed(
    birds: Folder,
    night: Folder,
    boats: Folder,
    key: MetadataKey,
    admin: User,
    actor_for: Callable[[User], Actor],
    tmp_path: Path,
) -> None:
    actor = actor_for(admin)
    collection = Collection.objects.create(root=birds, name="Singers")
    CollectionUnit.objects.bulk_create(
        CollectionUnit(collection=collection, unit_id=unit)
        for unit in Unit.objects.values_list("pk", flat=True)
    )
    move_folder(actor=actor, folder=night, parent=boats)

    def half_way() -> bool:
        # Each unit is wholly in one root: with its vector, and with its place in the collection.
        moved = Unit.objects.filter(root=boats).count()
        return moved >= UNITS // 4

    job = carried_out(half_way, tmp_path)

    assert not Unit.objects.filter(root=birds).exists()
    assert not Vector.objects.exclude(root=boats).exists()
    assert Vector.objects.count() == UNITS
    assert not CollectionUnit.objects.exists()
    assert sees_whole_root(actor, birds)
    collection.refresh_from_db()
    (step,) = collection.recipe
    assert step["units"] == UNITS
    # What the first run had done since its last word is counted by the recipe alone.
    assert 0 < job.result[hooks.MEMBERS_LEFT] <= UNITS
