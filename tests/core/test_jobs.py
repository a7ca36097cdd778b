"""Asking for jobs, taking, moving, cancelling, reaping: the state machine on a real PostgreSQL."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Organisation, User
from core.jobs import JobLost
from core.models import Job, JobState
from core.services import job_runs, jobs
from tests.jobs import job_kinds

COUNT = job_kinds.COUNT


def ask(organisation: Organisation, user: User | None = None, **fields: object) -> Job:
    values: dict[str, object] = {"kind": COUNT, "title": "Count", "payload": {"to": 3}} | fields
    return jobs.enqueue_job(
        organisation_id=organisation.pk,
        user_id=user.pk if user else None,
        **values,  # type: ignore[arg-type]
    )


def age(job: Job, **columns: timedelta) -> None:
    """Make times of the row older."""
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(**{name: now - by for name, by in columns.items()})


def sender(sent: list[object], *, answers: bool = True) -> Callable[[UUID, str], bool]:
    """A broker that notes what it is sent."""

    def send(job_id: UUID, queue: str) -> bool:
        sent.append((job_id, queue))
        return answers

    return send


def test_enqueue_job__refuses_a_kind_that_nobody_registered(organisation: Organisation) -> None:
    with pytest.raises(LookupError, match=r"tests\.unheard"):
        ask(organisation, kind="tests.unheard")

    assert not Job.objects.exists()


def test_enqueue_job__saves_a_queued_row(organisation: Organisation, member: User) -> None:
    folder_id = uuid4()

    job = ask(organisation, member, folder_id=folder_id)

    job.refresh_from_db()
    assert (job.state, job.queue, job.attempts) == (JobState.QUEUED, "default", 0)
    assert (job.actor, job.folder_id, job.payload) == (member, folder_id, {"to": 3})
    assert job.run_token is None
    assert job.heartbeat_at is None


def test_enqueue_job__sends_only_when_the_transaction_commits(
    organisation: Organisation,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[object] = []
    monkeypatch.setattr(jobs, "send_job", sender(sent))

    with django_capture_on_commit_callbacks(execute=True):
        job = ask(organisation)
        assert sent == []

    assert sent == [(job.pk, "default")]
    job.refresh_from_db()
    assert job.sent_at is not None


def test_enqueue_job__the_same_key_gives_the_same_active_job(organisation: Organisation) -> None:
    first = ask(organisation, idempotency_key="upgrade-1")

    again = ask(organisation, idempotency_key="upgrade-1")
    other = ask(organisation, idempotency_key="upgrade-2")

    assert again.pk == first.pk
    assert other.pk != first.pk
    assert Job.objects.count() == 2


def test_enqueue_job__an_ended_job_frees_its_key(organisation: Organisation) -> None:
    first = ask(organisation, idempotency_key="upgrade-1")
    jobs.request_cancel(job=first)

    again = ask(organisation, idempotency_key="upgrade-1")

    assert again.pk != first.pk


def test_enqueue_job__keys_of_other_organisations_do_not_matter(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    first = ask(organisation, idempotency_key="upgrade-1")

    assert ask(other_organisation, idempotency_key="upgrade-1").pk != first.pk


def test_take_job__only_one_taker_gets_it(organisation: Organisation) -> None:
    job = ask(organisation)

    taken = job_runs.take_job(job_id=job.pk)

    assert taken is not None
    assert (taken.state, taken.attempts) == (JobState.RUNNING, 1)
    assert taken.run_token is not None
    assert job_runs.take_job(job_id=job.pk) is None


@pytest.mark.parametrize("move", ["finish", "fail", "cancel", "release"])
def test_moves__a_run_that_does_not_own_the_row_changes_nothing(
    organisation: Organisation, move: str
) -> None:
    job = job_runs.take_job(job_id=ask(organisation).pk)
    assert job is not None
    stranger = uuid4()
    moves = {
        "finish": lambda: job_runs.finish_job(job_id=job.pk, token=stranger, result={"x": 1}),
        "fail": lambda: job_runs.fail_job(job_id=job.pk, token=stranger, code="c", message="m"),
        "cancel": lambda: job_runs.end_cancelled_job(job_id=job.pk, token=stranger),
        "release": lambda: job_runs.release_job(job_id=job.pk, token=stranger, count_attempt=True),
    }

    with pytest.raises(JobLost):
        moves[move]()

    job.refresh_from_db()
    assert (job.state, job.result, job.error_code) == (JobState.RUNNING, {}, "")


def test_finish_job__ends_once(organisation: Organisation) -> None:
    job = job_runs.take_job(job_id=ask(organisation).pk)
    assert job is not None
    assert job.run_token is not None

    job_runs.finish_job(job_id=job.pk, token=job.run_token, result={"x": 1})

    with pytest.raises(JobLost):
        job_runs.fail_job(job_id=job.pk, token=job.run_token, code="late", message="late")
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.FINISHED, {"x": 1})
    assert job.ended_at is not None


def test_release_job__a_stopped_worker_does_not_count_as_an_attempt(
    organisation: Organisation,
) -> None:
    job = job_runs.take_job(job_id=ask(organisation).pk)
    assert job is not None
    assert job.run_token is not None

    job_runs.release_job(job_id=job.pk, token=job.run_token, count_attempt=False)

    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    assert job.run_token is None
    assert job.sent_at is None


def test_request_cancel__a_queued_job_ends_at_once(organisation: Organisation) -> None:
    job = jobs.request_cancel(job=ask(organisation))

    assert job.state == JobState.CANCELLED
    assert job.ended_at is not None
    assert job_runs.take_job(job_id=job.pk) is None


def test_request_cancel__a_running_job_is_asked_and_told_by_its_next_heartbeat(
    organisation: Organisation,
) -> None:
    job = job_runs.take_job(job_id=ask(organisation).pk)
    assert job is not None
    assert job.run_token is not None
    before = job_runs.beat(job_id=job.pk, token=job.run_token, columns={"done": 1})

    jobs.request_cancel(job=job)

    after = job_runs.beat(job_id=job.pk, token=job.run_token, columns={"done": 2})
    assert (before, after) == (job_runs.Pulse.GO_ON, job_runs.Pulse.CANCEL)
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.RUNNING, 2)


def test_request_cancel__an_ended_job_stays_as_it_is(organisation: Organisation) -> None:
    job = job_runs.take_job(job_id=ask(organisation).pk)
    assert job is not None
    assert job.run_token is not None
    job_runs.finish_job(job_id=job.pk, token=job.run_token, result={})

    job = jobs.request_cancel(job=job)

    assert (job.state, job.cancel_requested) == (JobState.FINISHED, False)


def test_reap_lost_jobs__leaves_living_runs_alone(organisation: Organisation) -> None:
    job = job_runs.take_job(job_id=ask(organisation).pk)
    assert job is not None
    age(job, heartbeat_at=timedelta(seconds=20))

    assert jobs.reap_lost_jobs() == []

    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_reap_lost_jobs__queues_a_lost_run_anew_and_locks_it_out(
    organisation: Organisation,
) -> None:
    job = job_runs.take_job(job_id=ask(organisation).pk)
    assert job is not None
    assert job.run_token is not None
    age(job, heartbeat_at=timedelta(minutes=5))

    reaped = jobs.reap_lost_jobs()

    assert [row.pk for row in reaped] == [job.pk]
    assert job_runs.beat(job_id=job.pk, token=job.run_token, columns={}) is job_runs.Pulse.LOST
    again = job_runs.take_job(job_id=job.pk)
    assert again is not None
    assert again.attempts == 2


def test_reap_lost_jobs__fails_after_the_last_attempt_with_a_clear_message(
    organisation: Organisation,
) -> None:
    job = job_runs.take_job(job_id=ask(organisation).pk)
    assert job is not None
    Job.objects.filter(pk=job.pk).update(attempts=3)
    age(job, heartbeat_at=timedelta(minutes=5))

    jobs.reap_lost_jobs()

    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "worker_lost")
    assert "3 times" in job.error_message


def test_reap_lost_jobs__a_cancelled_run_is_not_begun_again(organisation: Organisation) -> None:
    job = job_runs.take_job(job_id=ask(organisation).pk)
    assert job is not None
    jobs.request_cancel(job=job)
    age(job, heartbeat_at=timedelta(minutes=5))

    jobs.reap_lost_jobs()

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_dispatch_waiting_jobs__sends_what_was_never_sent_oldest_first(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ask(organisation), ask(organisation)
    sent: list[object] = []
    monkeypatch.setattr(jobs, "send_job", sender(sent))
    monkeypatch.setattr(jobs, "queue_length", lambda queue: 0)

    assert jobs.dispatch_waiting_jobs() == 2
    assert jobs.dispatch_waiting_jobs() == 0

    assert sent == [(first.pk, "default"), (second.pk, "default")]


def test_dispatch_waiting_jobs__stops_at_once_while_the_broker_is_away(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(organisation)
    ask(organisation)
    tried: list[object] = []
    monkeypatch.setattr(jobs, "send_job", sender(tried, answers=False))

    assert jobs.dispatch_waiting_jobs() == 0

    assert len(tried) == 1


@pytest.mark.parametrize(("waiting_at_broker", "sent_again"), [(0, 1), (1, 0), (None, 0)])
def test_dispatch_waiting_jobs__sends_lost_messages_again(
    organisation: Organisation,
    monkeypatch: pytest.MonkeyPatch,
    waiting_at_broker: int | None,
    sent_again: int,
) -> None:
    job = ask(organisation)
    age(job, sent_at=timedelta(minutes=5))
    monkeypatch.setattr(jobs, "send_job", lambda job_id, queue: True)
    monkeypatch.setattr(jobs, "queue_length", lambda queue: waiting_at_broker)

    assert jobs.dispatch_waiting_jobs() == sent_again


def test_job__constraints_hold_in_the_database(organisation: Organisation) -> None:
    names = connection.introspection.get_constraints(connection.cursor(), Job._meta.db_table)

    assert "job_active_idempotency_key_is_unique" in names
    assert "job_done_is_not_negative" in names
