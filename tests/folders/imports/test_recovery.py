"""A worker is killed in the middle of a large import: real broker, real worker, real kill."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.actor import Actor
from accounts.models import User
from core.jobs.broker import circuit
from core.models import Job, JobState
from core.services import jobs
from embeddings.models import Vector
from folders.choices import ImportState, KeyType
from folders.models import Folder, Import, Item, Unit
from folders.services.data_imports import cancel_import, start_import
from folders.services.schema import add_key
from tests.folders.imports.files import SITE, image
from tests.jobs import Worker, broker, free_broker_port, use_broker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

ITEMS = 20_000


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


def begin(actor: Actor, folder: Folder) -> Import:
    """A registration of many images with a vector each, and a sequence at its end."""
    images = [image(f"{n}.png", clientMetadata={"n": n, "clip": [n, -n]}) for n in range(ITEMS - 1)]
    sequence = {"title": "S", "createVideo": True, "objectUrl_0": f"{SITE}/s.png"}
    document = {"images": images, "image_groups": [sequence]}
    file = io.BytesIO(json.dumps(document).encode())
    return start_import(
        actor=actor, folder=folder, kind="registration", file=file, file_name="many.json"
    )


def some_but_not_all() -> bool:
    return 2_000 <= Item.objects.count() <= ITEMS * 3 // 4


def kill_half_way(url: str, log: Path) -> int:
    """Let a worker begin, kill its process group, and give the job back; how many items it made."""
    with Worker(url, log) as worker:
        wait_for(some_but_not_all, what=f"the first batches (see {log})", seconds=120)
        worker.kill()
    made = Item.objects.count()
    wait_for(jobs.reap_lost_jobs, what="the reaper to notice", seconds=30)
    return made


def test_import__of_20000_items_is_complete_although_its_worker_is_killed(
    birds: Folder, admin: User, actor_for: Callable[[User], Actor], tmp_path: Path
) -> None:
    actor = actor_for(admin)
    key = add_key(actor=actor, name="clip", type=KeyType.EMBEDDING, dimensions=2)
    with broker(free_broker_port()) as url:
        use_broker(url)
        circuit.reset()
        row = begin(actor, birds)
        made = kill_half_way(url, tmp_path / "first.log")
        assert 0 < made < ITEMS
        ended = Job.objects.filter(kind="folders.import", state=JobState.FINISHED)
        with Worker(url, tmp_path / "second.log"):
            wait_for(ended.exists, what="the second worker", seconds=180)

    row.refresh_from_db()
    assert row.job is not None
    assert (row.state, row.job.attempts) == (ImportState.DONE, 2)
    assert row.report["created"] == ITEMS
    items = Item.objects.filter(parent=None)
    assert items.count() == ITEMS
    assert items.values("object_url").exclude(object_url="").distinct().count() == ITEMS - 1
    # The items' own units, and the one frame of the sequence.
    assert Unit.objects.count() == ITEMS + 1
    assert Vector.objects.filter(key_id=key.pk).count() == ITEMS - 1


def test_cancel__of_an_import_whose_worker_was_killed_removes_everything(
    birds: Folder, admin: User, actor_for: Callable[[User], Actor], tmp_path: Path
) -> None:
    actor = actor_for(admin)
    add_key(actor=actor, name="clip", type=KeyType.EMBEDDING, dimensions=2)
    with broker(free_broker_port()) as url:
        use_broker(url)
        circuit.reset()
        row = begin(actor, birds)
        assert kill_half_way(url, tmp_path / "first.log") > 0
        cancel_import(actor=actor, row=row)
        cancelled = Import.objects.filter(state=ImportState.CANCELLED)
        with Worker(url, tmp_path / "second.log"):
            wait_for(cancelled.exists, what="the second worker", seconds=180)

    assert not Item.objects.exists()
    assert not Unit.objects.exists()
    assert not Vector.objects.exists()
