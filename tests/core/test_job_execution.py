"""Handlers: their results, errors, progress and cancellation, carried out in this process."""

import logging
import time
from threading import Thread

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from accounts.models import Organisation
from core.jobs import JobCancelled, JobLost, JobRun, handler
from core.jobs.execution import execute_job
from core.jobs.heartbeat import DirectSaver
from core.models import Job, JobState
from core.services import job_runs, jobs
from tests.factories import OrganisationFactory
from tests.jobs import run_jobs, wait_for


def ask(organisation: Organisation, kind: str, **payload: object) -> Job:
    return jobs.enqueue_job(
        organisation_id=organisation.pk, user_id=None, kind=kind, title=kind, payload=payload
    )


def taken(job: Job) -> JobRun:
    row = job_runs.take_job(job_id=job.pk)
    assert row is not None
    assert row.run_token is not None
    run = JobRun(row=row, token=row.run_token)
    run.saver = DirectSaver(run)
    return run


def test_execute_job__keeps_the_result_and_the_last_progress(organisation: Organisation) -> None:
    job = ask(organisation, "tests.count", to=5)

    run_jobs()

    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.step) == (JobState.FINISHED, 5, 5, "Counting")
    assert (job.percent, job.result) == (100, {"counted": 5, "begun": [0]})
    assert job.started_at is not None
    assert job.ended_at is not None


def test_execute_job__goes_on_from_the_checkpoint(organisation: Organisation) -> None:
    job = ask(organisation, "tests.count", to=5)
    Job.objects.filter(pk=job.pk).update(checkpoint={"next": 3, "begun": [0]})

    run_jobs()

    job.refresh_from_db()
    assert job.result == {"counted": 5, "begun": [0, 3]}


def test_execute_job__is_quiet_about_jobs_that_are_not_queued(organisation: Organisation) -> None:
    job = jobs.request_cancel(job=ask(organisation, "tests.break"))

    execute_job(job_id=job.pk, own_connection=False)

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.CANCELLED, 0)


def test_execute_job__a_domain_error_fails_with_its_code_and_words(
    organisation: Organisation,
) -> None:
    job = ask(organisation, "tests.refuse")

    run_jobs()

    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "invalid_input")
    assert job.error_message == "The file is no image.\nitems.3: Not an image."


def test_execute_job__other_errors_are_logged_and_not_shown(
    organisation: Organisation, caplog: pytest.LogCaptureFixture
) -> None:
    job = ask(organisation, "tests.break")

    with caplog.at_level(logging.ERROR):
        run_jobs()

    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "internal_error")
    assert "secret" not in job.error_message
    assert str(job.pk) in job.error_message
    assert "a secret detail" in caplog.text


def test_execute_job__what_the_surroundings_break_is_tried_again(
    organisation: Organisation,
) -> None:
    job = ask(organisation, "tests.interrupted")

    run_jobs()

    job.refresh_from_db()
    assert (job.state, job.error_code, job.attempts) == (JobState.FAILED, "unavailable", 2)


def test_execute_job__a_kind_without_handler_fails_clearly(organisation: Organisation) -> None:
    job = ask(organisation, "tests.count", to=1)
    Job.objects.filter(pk=job.pk).update(kind="gone.kind")

    run_jobs()

    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "unknown_kind")
    assert "gone.kind" in job.error_message


def test_handler__two_functions_cannot_share_a_kind() -> None:
    with pytest.raises(ValueError, match=r"tests\.count"):
        handler("tests.count")(lambda run: None)


def test_progress__is_saved_at_most_once_a_second(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = taken(ask(organisation, "tests.count", to=1))
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    run._saved_at = clock[0]
    saved = []
    for number in range(1, 31):
        clock[0] += 0.1
        run.progress(number, 30)
        saved.append(Job.objects.values_list("done", flat=True).get())

    assert sorted(set(saved)) == [0, 10, 20, 30]


def test_progress__raises_when_the_job_was_cancelled(organisation: Organisation) -> None:
    run = taken(ask(organisation, "tests.count", to=1))
    jobs.request_cancel(job=run.row)
    run._saved_at -= 5

    with pytest.raises(JobCancelled):
        run.progress(1)


def test_progress__raises_when_another_run_owns_the_row(organisation: Organisation) -> None:
    run = taken(ask(organisation, "tests.count", to=1))
    Job.objects.update(run_token="00000000-0000-4000-8000-000000000000")
    run._saved_at -= 5

    with pytest.raises(JobLost):
        run.progress(1, checkpoint={"next": 1})

    assert Job.objects.get().checkpoint == {}


@pytest.mark.django_db(transaction=True)
def test_execute_job__a_cancelled_run_ends_within_seconds() -> None:
    organisation = OrganisationFactory.create()
    job = ask(organisation, "tests.count", to=1000, rest=0.02)
    worker = Thread(target=_execute, args=[job])
    worker.start()
    wait_for(lambda: Job.objects.filter(pk=job.pk, done__gt=0).exists(), what="progress")

    jobs.request_cancel(job=job)

    worker.join(timeout=20)
    assert not worker.is_alive()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert 0 < job.done < 1000


@pytest.mark.django_db(transaction=True)
def test_heartbeat__goes_on_through_a_long_call_and_ends_with_the_run(
    settings: LazySettings,
) -> None:
    settings.JOB_HEARTBEAT_TIMEOUT_SECONDS = 1
    organisation = OrganisationFactory.create()
    job = ask(organisation, "tests.hold", seconds=2.5)
    worker = Thread(target=_execute, args=[job])
    worker.start()
    reaped = []
    while worker.is_alive():
        reaped += jobs.reap_lost_jobs()
        time.sleep(0.1)

    job.refresh_from_db()
    assert reaped == []
    assert (job.state, job.attempts) == (JobState.FINISHED, 1)
    assert _connections() == 1


@pytest.mark.django_db(transaction=True)
def test_heartbeat__does_not_wait_for_the_handlers_transaction() -> None:
    """A handler that reports from within a transaction holds no lock on its job's row."""
    organisation = OrganisationFactory.create()
    job = ask(organisation, "tests.count", to=1)
    run = taken(job)
    run.saver = None

    with transaction.atomic():
        run.progress(1, 2)
        canceller = Thread(target=_cancel, args=[job])
        canceller.start()
        canceller.join(timeout=10)
        assert not canceller.is_alive()

    job.refresh_from_db()
    assert job.cancel_requested


def _execute(job: Job) -> None:
    try:
        execute_job(job_id=job.pk)
    finally:
        connection.close()


def _cancel(job: Job) -> None:
    try:
        jobs.request_cancel(job=job)
    finally:
        connection.close()


def _connections() -> int:
    """How many connections to this database there are, this one included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])
