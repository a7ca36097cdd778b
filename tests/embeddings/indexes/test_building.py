"""An index is built aside, takes over when it is ready, and leaves nothing when it does not."""

from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from accounts.actor import Actor
from accounts.models import User
from core.errors import Conflict, NotAllowed, NotFound
from core.jobs import JobCancelled
from core.models import AuditEvent, Job, JobState
from core.services.jobs import request_cancel
from embeddings.choices import IndexState
from embeddings.indexes.table import create_graph, table_name
from embeddings.models import VectorIndex, VectorSet
from embeddings.services import index_building
from embeddings.services.index_building import carry_out_building
from embeddings.services.index_following import tend_indexes
from embeddings.services.indexes import cancel_build, drop_index, start_index
from embeddings.services.partitions import drop_partition
from embeddings.services.vectors import delete_vectors, write_vectors
from folders.models import Folder, MetadataKey
from tests.embeddings.connections import writers
from tests.embeddings.indexes.tables import index_tables
from tests.embeddings.search.engines import make_index
from tests.embeddings.worlds import make_key, make_units, put
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
UNITS = 300


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    """A key with vectors in Birds, one of them zero, one extremely long."""
    key = make_key(birds, dimensions=8)
    values = np.random.default_rng(1).normal(size=(UNITS, 8)).astype(np.float32)
    values[0], values[1] = 0, 1e30
    write_vectors(key=key, unit_ids=np.array(make_units(birds, UNITS)), values=values)
    return key


@pytest.fixture
def vector_set(key: MetadataKey) -> VectorSet:
    return VectorSet.objects.get(key=key)


def test_index__is_built_by_a_job_and_measured(
    vector_set: VectorSet, folder_admin: User, admin: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotAllowed):
        start_index(actor=actor_for(folder_admin), set_id=vector_set.pk)
    job = start_index(actor=actor_for(admin), set_id=vector_set.pk)
    assert start_index(actor=actor_for(admin), set_id=vector_set.pk) == job
    (ended,) = run_jobs()

    assert (ended.state, ended.error_message) == (JobState.FINISHED, "")
    index = VectorIndex.objects.get()
    assert (index.state, index.revision, index.rows) == (IndexState.READY, 1, UNITS - 2)
    assert index.recall == 1.0
    assert index.is_good
    assert index.bytes > 0
    assert index.measured_at is not None
    assert ended.result["recall"] == 1.0
    assert AuditEvent.objects.filter(action="vector_index.started").count() == 1


def test_index__takes_the_place_of_the_one_before(
    birds: Folder, key: MetadataKey, vector_set: VectorSet, admin: User, actor_for: ActorFor
) -> None:
    old = make_index(birds, key)
    start_index(actor=actor_for(admin), set_id=vector_set.pk)
    assert VectorIndex.objects.get(state=IndexState.READY) == old
    run_jobs()

    new = VectorIndex.objects.get()
    assert new != old
    assert index_tables() == {table_name(new)}


@pytest.mark.parametrize("stops_at", ["Copying", "Measuring"])
def test_build__that_is_cancelled_leaves_nothing(
    stops_at: str, vector_set: VectorSet, admin: User, actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def cancelled(self: Any, step: str | None = None, **more: Any) -> None:
        if (step or "").startswith(stops_at):
            raise JobCancelled

    monkeypatch.setattr("core.jobs.run.JobRun.progress", cancelled)
    start_index(actor=actor_for(admin), set_id=vector_set.pk)
    (job,) = run_jobs()

    assert job.state == JobState.CANCELLED
    assert not VectorIndex.objects.exists()
    assert index_tables() == set()


def test_build__that_fails_says_why_and_is_begun_again(
    vector_set: VectorSet, admin: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise Conflict("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(index_building, "create_graph", full)
        start_index(actor=actor_for(admin), set_id=vector_set.pk)
        run_jobs()
    failed = VectorIndex.objects.get()
    assert (failed.state, failed.error) == (IndexState.FAILED, "The disk is full.")
    assert index_tables() == set()

    start_index(actor=actor_for(admin), set_id=vector_set.pk)
    run_jobs()
    assert VectorIndex.objects.get().state == IndexState.READY


def test_build__whose_worker_was_killed_is_begun_anew(
    vector_set: VectorSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = VectorIndex.objects.create(vector_set=vector_set, dimensions=8)

    def killed(done: int, step: str) -> None:
        if step.startswith("Measuring"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out_building(index_id=index.pk, told=killed)
    index.refresh_from_db()
    assert index.state == IndexState.BUILDING
    assert index_tables() == {table_name(index)}

    carry_out_building(index_id=index.pk, told=lambda done, step: None)
    index.refresh_from_db()
    assert (index.state, index.rows) == (IndexState.READY, UNITS - 2)


def test_build__whose_job_ended_in_silence_is_tidied_up(
    vector_set: VectorSet, admin: User, actor_for: ActorFor
) -> None:
    job = start_index(actor=actor_for(admin), set_id=vector_set.pk)
    tend_indexes()
    assert VectorIndex.objects.count() == 1

    request_cancel(job=job)
    tend_indexes()
    assert not VectorIndex.objects.exists()

    job = start_index(actor=actor_for(admin), set_id=vector_set.pk)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error_message="Lost too often.")
    tend_indexes()
    assert VectorIndex.objects.get().error == "Lost too often."


def test_index__goes_with_its_key_and_its_root(
    birds: Folder, boats: Folder, key: MetadataKey
) -> None:
    put(key, dict.fromkeys(make_units(boats, 3), [1.0] * 8))
    make_index(birds, key)
    other = make_index(boats, key)

    with transaction.atomic():
        VectorSet.objects.get(root=birds).delete()
    assert index_tables() == {table_name(other)}
    drop_partition(key_id=key.pk)
    assert index_tables() == set()


def test_build__that_is_cancelled_leaves_the_present_index(
    birds: Folder,
    key: MetadataKey,
    vector_set: VectorSet,
    admin: User,
    folder_admin: User,
    actor_for: ActorFor,
) -> None:
    present = make_index(birds, key)
    job = start_index(actor=actor_for(admin), set_id=vector_set.pk)
    with pytest.raises(NotAllowed):
        cancel_build(actor=actor_for(folder_admin), set_id=vector_set.pk)
    cancel_build(actor=actor_for(admin), set_id=vector_set.pk)

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert VectorIndex.objects.get() == present
    assert start_index(actor=actor_for(admin), set_id=vector_set.pk) != job


def test_index__is_dropped_by_request(
    birds: Folder, key: MetadataKey, vector_set: VectorSet, admin: User, outsider: User,
    actor_for: ActorFor,
) -> None:  # fmt: skip
    make_index(birds, key)
    job = start_index(actor=actor_for(admin), set_id=vector_set.pk)
    with pytest.raises(NotFound):
        drop_index(actor=actor_for(outsider), set_id=vector_set.pk)
    drop_index(actor=actor_for(admin), set_id=vector_set.pk)

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert not VectorIndex.objects.exists()
    assert index_tables() == set()
    drop_index(actor=actor_for(admin), set_id=vector_set.pk)
    assert AuditEvent.objects.filter(action="vector_index.dropped").count() == 1


def test_index__of_what_cannot_have_one_is_refused(
    birds: Folder, admin: User, actor_for: ActorFor
) -> None:
    wide = make_key(birds, dimensions=4001)
    unit = make_units(birds, 1)[0]
    put(wide, {unit: [1.0] * 4001})
    vector_set = VectorSet.objects.get(key=wide)
    with pytest.raises(Conflict, match="only up to 4,000"):
        start_index(actor=actor_for(admin), set_id=vector_set.pk)

    delete_vectors(key=wide, unit_ids=[unit])
    with pytest.raises(Conflict, match="no vectors"):
        start_index(actor=actor_for(admin), set_id=vector_set.pk)


def test_index__of_4000_dimensions_fits_its_pages(birds: Folder) -> None:
    key = make_key(birds, dimensions=4000)
    values = np.random.default_rng(2).normal(size=(20, 4000)).astype(np.float32)
    write_vectors(key=key, unit_ids=np.array(make_units(birds, 20)), values=values)

    assert make_index(birds, key).recall == 1.0


@pytest.mark.django_db(transaction=True)
def test_build__blocks_neither_readers_nor_writers(
    birds: Folder, key: MetadataKey, vector_set: VectorSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others write, delete and count while the statement that builds the graph holds its locks."""
    create, holds, go_on = create_graph, Event(), Event()

    def create_slowly(*arguments: Any) -> None:
        with transaction.atomic():
            create(*arguments)
            holds.set()
            assert go_on.wait(20)

    monkeypatch.setattr(index_building, "create_graph", create_slowly)
    units = sorted(vector_set.changes.values_list("unit_id", flat=True))
    with writers(1) as (builder,):
        building = builder.start(partial(make_index, birds, key))
        try:
            assert holds.wait(20)
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            put(key, {units[2]: [9.0] * 8})
            delete_vectors(key=key, unit_ids=units[3:5])
            assert VectorSet.objects.get().revision == 3
        finally:
            go_on.set()
        index = building.result(timeout=20)

    # What was written meanwhile is in it.
    assert (index.revision, index.rows, index.changed) == (3, UNITS - 4, 3)


@pytest.mark.django_db(transaction=True)
def test_watch__reports_and_cancels_the_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_building, "_WATCH_SECONDS", 0.05)
    said: list[str] = []

    def told(done: int, step: str) -> None:
        said.append(step)
        if len(said) == 3:
            raise JobCancelled

    with (
        pytest.raises(JobCancelled),
        index_building._watched(told),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_sleep(60)")

    assert said == ["Building the graph"] * 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
