"""Jobs survive their surroundings: a killed worker, a broker that is away. Real servers, real kill.

The database is real in every test of ours; here the broker and the worker are, too.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone

from core.jobs.broker import REST_SECONDS, circuit, send_job
from core.models import Job, JobState
from core.services import jobs
from tests.factories import OrganisationFactory
from tests.jobs import Worker, broker, free_broker_port, use_broker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _broker_settings(settings: LazySettings) -> Iterator[None]:
    before = settings.CELERY_BROKER_URL
    settings.JOB_HEARTBEAT_TIMEOUT_SECONDS = 3
    yield
    use_broker(before)


def ask(**payload: object) -> Job:
    return jobs.enqueue_job(
        organisation_id=OrganisationFactory.create().pk,
        user_id=None,
        kind="tests.count",
        title="Count",
        payload=payload,
    )


def now(job: Job) -> Job:
    job.refresh_from_db()
    return job


def test_job__finishes_although_its_worker_is_killed_half_way(tmp_path: Path) -> None:
    with broker(free_broker_port()) as url:
        use_broker(url)
        job = ask(to=40, rest=0.1)
        with Worker(url, tmp_path / "first.log") as worker:
            wait_for(lambda: (now(job).percent or 0) >= 20, what=f"20 % (see {worker.log})")
            worker.kill()
        killed_at = now(job).percent
        assert killed_at is not None
        assert 20 <= killed_at <= 80
        assert job.state == JobState.RUNNING

        wait_for(jobs.reap_lost_jobs, what="the reaper to notice", seconds=20)
        assert now(job).state == JobState.QUEUED
        with Worker(url, tmp_path / "second.log"):
            wait_for(lambda: now(job).state == JobState.FINISHED, what="the second worker")

    resumed_from = job.result["begun"][1]
    assert job.attempts == 2
    assert job.result["counted"] == 40
    assert 0 < resumed_from <= 40 * 80 // 100


def test_enqueue__a_request_succeeds_without_a_broker_and_the_job_runs_when_it_is_back(
    tmp_path: Path,
) -> None:
    port = free_broker_port()
    use_broker(f"redis://127.0.0.1:{port}/0")
    with Worker(f"redis://127.0.0.1:{port}/0", tmp_path / "worker.log"):
        began = time.monotonic()
        with transaction.atomic():
            rows = [ask(to=1) for _ in range(10)]
        assert time.monotonic() - began < 2
        assert all(now(row).sent_at is None for row in rows)

        with broker(port):
            circuit.reset()
            assert jobs.dispatch_waiting_jobs() == 10
            ended = Job.objects.filter(state=JobState.FINISHED)
            wait_for(lambda: ended.count() == len(rows), what="the jobs")


def test_send_job__a_frozen_broker_costs_one_second_once() -> None:
    """A server that accepts connections and never answers, as a stopped process does."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_broker(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        job = ask(to=1)
        circuit.reset()
        began = time.monotonic()
        sent = [send_job(job.pk, "default") for _ in range(10)]

    assert sent == [False] * 10
    assert time.monotonic() - began < min(2.5, REST_SECONDS)


def test_dispatch__a_message_lost_with_the_broker_is_sent_again(tmp_path: Path) -> None:
    port = free_broker_port()
    with broker(port) as url:
        use_broker(url)
        job = ask(to=1)
        assert now(job).sent_at is not None
    Job.objects.update(sent_at=timezone.now() - jobs.RESEND_AFTER * 2)

    with broker(port) as url, Worker(url, tmp_path / "worker.log"):
        circuit.reset()
        wait_for(lambda: jobs.dispatch_waiting_jobs() == 1, what="the broker")
        wait_for(lambda: now(job).state == JobState.FINISHED, what="the job")
