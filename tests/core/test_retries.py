"""Jobs that are tried again, and what is on record of them."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import Organisation, User
from core.errors import Conflict
from core.models import AuditEvent, Job, JobRetry, JobState
from core.services.jobs import enqueue_job, request_cancel
from core.services.retries import retry_job
from folders.models import Folder
from tests.jobs import job_kinds, run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def actor(admin: User, actor_for: ActorFor) -> Actor:
    """Who has jobs tried again."""
    return actor_for(admin)


def enqueue(organisation: Organisation, kind: str, idempotency_key: str = "") -> Job:
    """A queued job."""
    return enqueue_job(
        organisation_id=organisation.pk,
        user_id=None,
        kind=kind,
        title="Work",
        payload={"to": 2},
        idempotency_key=idempotency_key,
    )


def mend(job: Job) -> Job:
    """Let the next try succeed."""
    Job.objects.filter(pk=job.pk).update(kind=job_kinds.COUNT)
    return Job.objects.get(pk=job.pk)


def test_retry__takes_only_jobs_that_ended_badly(organisation: Organisation, actor: Actor) -> None:
    job = enqueue(organisation, job_kinds.COUNT)
    with pytest.raises(Conflict):
        retry_job(actor=actor, job=job)
    run_jobs()
    with pytest.raises(Conflict, match="Only failed"):
        retry_job(actor=actor, job=job)
    assert not JobRetry.objects.exists()


def test_retry__runs_the_job_anew_and_keeps_how_it_had_ended(
    organisation: Organisation, actor: Actor
) -> None:
    job = enqueue(organisation, "tests.refuse")
    (failed,) = run_jobs()

    retried = retry_job(actor=actor, job=mend(job))

    assert (retried.state, retried.attempts, retried.error_message) == (JobState.QUEUED, 0, "")
    assert (retried.started_at, retried.ended_at) == (None, None)
    (ended,) = run_jobs()
    assert (ended.pk, ended.state) == (job.pk, JobState.FINISHED)
    (kept,) = ended.retries.all()
    assert (kept.state, kept.attempts) == (JobState.FAILED, 1)
    assert (kept.error_code, kept.error_message) == ("invalid_input", failed.error_message)
    assert "items.3: Not an image." in kept.error_message
    assert (kept.started_at, kept.ended_at) == (failed.started_at, failed.ended_at)
    assert kept.actor == actor.user
    assert ended.started_at is not None
    assert ended.started_at > kept.ended_at
    (event,) = AuditEvent.objects.all()
    assert (event.action, event.target_id) == ("job.retried", str(job.pk))


def test_retry__keeps_each_try(organisation: Organisation, actor: Actor) -> None:
    job = enqueue(organisation, "tests.break")
    run_jobs()
    retry_job(actor=actor, job=job)
    request_cancel(job=job)
    retry_job(actor=actor, job=job)
    (ended,) = run_jobs()

    assert ended.state == JobState.FAILED
    tries = [(kept.state, kept.error_code, bool(kept.started_at)) for kept in job.retries.all()]
    assert tries == [("cancelled", "", False), ("failed", "internal_error", True)]


def test_retry__goes_on_from_the_checkpoint(organisation: Organisation, actor: Actor) -> None:
    job = enqueue(organisation, "tests.break")
    run_jobs()
    Job.objects.filter(pk=job.pk).update(checkpoint={"next": 1, "begun": [0]})

    retry_job(actor=actor, job=mend(job))

    (ended,) = run_jobs()
    assert ended.result == {"counted": 2, "begun": [0, 1]}


def test_retry__not_beside_another_that_does_the_same(
    organisation: Organisation, actor: Actor
) -> None:
    failed = enqueue(organisation, "tests.break", idempotency_key="once")
    run_jobs()
    enqueue(organisation, "tests.break", idempotency_key="once")

    with pytest.raises(Conflict, match="Another job"):
        retry_job(actor=actor, job=failed)

    failed.refresh_from_db()
    assert failed.state == JobState.FAILED
    assert not JobRetry.objects.exists()


def test_retry__not_of_what_undoes_itself(organisation: Organisation, actor: Actor) -> None:
    job = enqueue(organisation, "folders.import")
    Job.objects.filter(pk=job.pk).update(state=JobState.CANCELLED)

    with pytest.raises(Conflict, match="Begin it anew"):
        retry_job(actor=actor, job=job)


def test_retry__by_rest_is_for_the_starter_and_administrators(
    organisation: Organisation,
    client: Client,
    birds: Folder,
    editor: User,
    viewer: User,
    outsider: User,
) -> None:
    job = enqueue_job(
        organisation_id=organisation.pk,
        user_id=editor.pk,
        kind="tests.refuse",
        title="Work",
        folder_id=birds.pk,
    )
    run_jobs()
    address = f"/api/v1/jobs/{job.pk}"
    for user, status in ((outsider, 404), (viewer, 403)):
        client.force_login(user)
        assert client.post(f"{address}/retry/").status_code == status
    client.force_login(outsider)
    assert client.get(f"{address}/retries/").status_code == 404
    client.force_login(editor)

    answer = client.post(f"{address}/retry/")

    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer["Location"].endswith(f"{address}/")
    again = client.post(f"{address}/retry/")
    assert (again.status_code, again.json()["code"]) == (409, "not_ended")
    # Whoever sees the job sees how it went.
    client.force_login(viewer)
    listed = client.get(f"{address}/retries/").json()
    assert listed["next"] is None
    (kept,) = listed["results"]
    assert kept["state"] == "failed"
    assert kept["error"]["code"] == "invalid_input"
    assert kept["retried_by"] == str(editor.pk)
    assert kept["started_at"] <= kept["ended_at"] <= kept["retried_at"]
