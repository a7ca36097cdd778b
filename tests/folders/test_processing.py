"""The job that reads media: shared by uploads, never too early, never leaving an item behind."""

import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts.actor import Actor
from accounts.models import User
from core.errors import Conflict, NotAllowed
from core.jobs.execution import execute_job
from core.models import Job, JobState
from core.services.jobs import enqueue_job, request_cancel
from folders.choices import ItemState
from folders.constants import MAX_READ_ATTEMPTS
from folders.models import Folder, Item, Unit
from folders.services import media_reading, processing
from folders.services.items import retry_item, upload_item
from folders.services.processing import JOB_KIND, process_item
from folders.storage import remove_item_files
from tests.embeddings.connections import waits_for_a_lock, writers
from tests.folders.media_files import png

ActorFor = Callable[[User], Actor]


def upload(actor: Actor, folder: Folder, content: bytes | None = None) -> Item:
    """Upload a picture."""
    file = io.BytesIO(png() if content is None else content)
    return upload_item(actor=actor, folder=folder, file=file, name="a.png")


def run_queued_jobs() -> None:
    """Carry out what waits, in this thread."""
    for job in Job.objects.filter(state=JobState.QUEUED, kind=JOB_KIND):
        execute_job(job_id=job.pk, own_connection=False)


def test_process__one_bad_file_does_not_stop_the_others(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    contents = [
        png(),
        b"",
        png()[:60],
        b"<html>",
        b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 50,
        png(),
    ]
    items = [upload(actor_for(editor), birds, content) for content in contents]

    run_queued_jobs()

    states = [Item.objects.get(pk=item.pk).state for item in items]
    assert states == ["ready", "failed", "failed", "failed", "failed", "ready"]
    failures = list(Item.objects.exclude(failure="").values_list("failure", flat=True))
    assert len(failures) == 4
    assert "The file is empty." in failures
    assert Job.objects.get().result == {"ready": 2, "failed": 4}


def test_process__original_that_was_lost_is_a_failure(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    item = upload(actor_for(editor), birds)
    remove_item_files(item.pk)

    assert process_item(item_id=item.pk) == ItemState.FAILED

    item.refresh_from_db()
    assert "missing" in item.failure


def test_process__unknown_trouble_fails_the_item_only(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = upload(actor_for(editor), birds)

    def explode(item: Item) -> None:
        raise RuntimeError("decoder bug")

    monkeypatch.setattr(media_reading, "_read", explode)

    assert process_item(item_id=item.pk) == ItemState.FAILED


def test_process__file_that_brings_workers_down_is_given_up(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = upload(actor_for(editor), birds)

    def die(item: Item) -> None:
        raise SystemExit

    monkeypatch.setattr(media_reading, "_read", die)
    for _ in range(MAX_READ_ATTEMPTS):
        with pytest.raises(SystemExit):
            process_item(item_id=item.pk)

    assert process_item(item_id=item.pk) == ItemState.FAILED


def test_process__deleted_meanwhile_is_no_trouble(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    item = upload(actor_for(editor), birds)
    Item.objects.all().delete()

    assert process_item(item_id=item.pk) is None
    run_queued_jobs()


def test_retry_item__reads_what_a_cancelled_job_left(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    item = upload(actor_for(editor), birds)
    with pytest.raises(Conflict):
        retry_item(actor=actor_for(editor), item=item)
    request_cancel(job=Job.objects.get())

    retry_item(actor=actor_for(editor), item=item)
    run_queued_jobs()

    item.refresh_from_db()
    assert item.state == "ready"


def test_retry_item__only_of_a_failed_item(
    birds: Folder, editor: User, viewer: User, actor_for: ActorFor
) -> None:
    item = upload(actor_for(editor), birds, b"broken")
    with pytest.raises(NotAllowed):
        retry_item(actor=actor_for(viewer), item=item)
    with pytest.raises(Conflict):
        retry_item(actor=actor_for(editor), item=item)
    run_queued_jobs()

    retry_item(actor=actor_for(editor), item=item)

    item.refresh_from_db()
    assert (item.state, item.failure, item.attempts) == ("processing", "", 0)
    assert Job.objects.filter(state=JobState.QUEUED).count() == 1


def test_request__a_running_job_is_not_joined(
    birds: Folder, night: Folder, editor: User, actor_for: ActorFor
) -> None:
    upload(actor_for(editor), birds)
    upload(actor_for(editor), night)
    first = Job.objects.get(folder_id=birds.pk)
    Job.objects.filter(pk=first.pk).update(state=JobState.RUNNING)

    upload(actor_for(editor), birds)

    assert Job.objects.filter(folder_id=birds.pk).count() == 2
    assert Job.objects.filter(folder_id=night.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_request__no_worker_begins_before_the_item_is_there(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    upload(actor, birds)
    joined, go_on = threading.Event(), threading.Event()

    def slow_upload() -> None:
        try:
            with transaction.atomic():
                upload(actor, birds)
                joined.set()
                go_on.wait(20)
        finally:
            connection.close()

    def work() -> None:
        try:
            execute_job(job_id=job.pk)
        finally:
            connection.close()

    job = Job.objects.get()
    with ThreadPoolExecutor(2) as pool:
        uploading = pool.submit(slow_upload)
        assert joined.wait(20)
        working = pool.submit(work)
        time.sleep(0.5)
        # The worker cannot take the job while an upload that joined it is still open.
        assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
        go_on.set()
        uploading.result(20)
        working.result(20)

    assert Job.objects.get().result == {"ready": 2, "failed": 0}
    assert not Item.objects.exclude(state=ItemState.READY).exists()


@pytest.mark.django_db(transaction=True)
def test_request__uploads_and_workers_at_once_leave_nothing_behind(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    uploading = threading.Event()
    uploading.set()

    def uploader() -> None:
        try:
            for _ in range(12):
                upload(actor, birds)
        finally:
            connection.close()

    def worker() -> None:
        try:
            while uploading.is_set():
                waiting = Job.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True)
                for job_id in waiting:
                    execute_job(job_id=job_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        uploads = [pool.submit(uploader) for _ in range(3)]
        workers = [pool.submit(worker) for _ in range(2)]
        for future in uploads:
            future.result(60)
        uploading.clear()
        for future in workers:
            future.result(60)
    # What an idle worker would do next.
    for job in Job.objects.filter(state=JobState.QUEUED):
        execute_job(job_id=job.pk)

    assert Item.objects.filter(state=ItemState.READY).count() == 36
    assert Unit.objects.count() == 36
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.FINISHED}
    assert sum(job.result["ready"] for job in Job.objects.all()) == 36
    assert Job.objects.count() < 36


@pytest.mark.django_db(transaction=True)
def test_request__uploads_that_waited_for_a_worker_do_not_wait_for_each_other(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found the job just before a worker took it; neither may keep a hold on it."""
    actor = actor_for(editor)
    upload(actor, birds)
    job = Job.objects.get()
    found = [job, job]
    monkeypatch.setattr(
        processing, "enqueue_job", lambda **asked: found.pop() if found else enqueue_job(**asked)
    )
    with writers(3) as (worker, one, other):
        worker.begin()
        worker.do(lambda: Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING))
        uploads = [writer.start(lambda: upload(actor, birds)) for writer in (one, other)]
        end = time.monotonic() + 20
        while not waits_for_a_lock(2):
            assert time.monotonic() < end, "the uploads do not wait for the worker"
            time.sleep(0.02)
        worker.commit()
        for uploading in uploads:
            uploading.result(timeout=20)

    assert Item.objects.count() == 3
    assert Job.objects.filter(state=JobState.QUEUED).count() == 1
