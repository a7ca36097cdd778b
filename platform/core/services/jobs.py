"""Asking for background work, cancelling it, and keeping it going."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core.jobs.broker import queue_length, send_job
from core.jobs.registry import find_handler, get_handler
from core.models import Job, JobState
from core.services.job_runs import BACK_IN_QUEUE

# A message of this age whose queue is empty at the broker was lost with it (or lies with a worker,
# in which case a second one does no harm).
RESEND_AFTER = timedelta(seconds=60)
# One round of dispatching; the next follows some seconds later.
DISPATCH_BATCH = 1000


def enqueue_job(
    *,
    organisation_id: UUID,
    user_id: UUID | None,
    kind: str,
    title: str,
    payload: dict[str, Any] | None = None,
    folder_id: UUID | None = None,
    idempotency_key: str = "",
) -> Job:
    """Save a queued job and send it to its queue when the transaction commits.

    With an idempotency key, a job of the same organisation, kind and key that is still to end is
    returned instead. A broker that is away does not matter here: the row waits, and
    `dispatch_waiting_jobs` sends it later.

    Raises:
        LookupError: no handler is registered for the kind.
    """
    handler = get_handler(kind)
    job = Job(
        organisation_id=organisation_id,
        actor_id=user_id,
        kind=kind,
        title=title[:300],
        payload=payload or {},
        folder_id=folder_id,
        queue=handler.queue,
        idempotency_key=idempotency_key,
    )
    saved = _insert(job) if idempotency_key else None
    if saved is None:
        job.save(force_insert=True)
        saved = job
    if saved is job or saved.sent_at is None:
        transaction.on_commit(partial(send_queued_job, job_id=saved.pk, queue=saved.queue))
    return saved


def _insert(job: Job) -> Job | None:
    """The active job of the same key, else the new one, whoever comes first.

    ON CONFLICT waits for an overlapping transaction that inserts the same key, and then leaves its
    row alone; that row may have ended before it is read, so it is tried again.
    """
    same = Job.objects.active().filter(
        organisation_id=job.organisation_id, kind=job.kind, idempotency_key=job.idempotency_key
    )
    for _ in range(5):
        Job.objects.bulk_create([job], ignore_conflicts=True)
        active = same.first()
        if active is not None:
            return job if active.pk == job.pk else active
    return None


def send_queued_job(*, job_id: UUID, queue: str) -> bool:
    """Send a queued job's id to the broker and note it; False when the broker is away."""
    if not send_job(job_id, queue):
        return False
    Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(sent_at=Now())
    return True


def release_idempotency_key(*, job_id: UUID) -> None:
    """Let others ask for the same work anew while this job still runs.

    For handlers that work on what they have read: what changes later is another job's.
    """
    Job.objects.filter(pk=job_id).update(idempotency_key="", updated_at=Now())


def request_cancel(*, job: Job) -> Job:
    """Cancel a queued job at once, ask the run of a running one to stop; ended jobs stay.

    Returns:
        The job as it is now.
    """
    # The wish first, in whatever state: it must not fall between a run and the job's release.
    Job.objects.active().filter(pk=job.pk).update(cancel_requested=True, updated_at=Now())
    Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
        state=JobState.CANCELLED, ended_at=Now(), updated_at=Now()
    )
    job.refresh_from_db()
    return job


def dispatch_waiting_jobs() -> int:
    """Send queued jobs that were never sent, or whose message was lost; return how many."""
    queued = Job.objects.filter(state=JobState.QUEUED).order_by("created_at")
    waiting = list(queued.filter(sent_at=None)[:DISPATCH_BATCH])
    old = queued.filter(sent_at__lt=Now() - RESEND_AFTER)
    for queue in old.order_by().values_list("queue", flat=True).distinct():
        if queue_length(queue) == 0:
            waiting += old.filter(queue=queue)[:DISPATCH_BATCH]
    sent = 0
    for job in waiting:
        if not send_queued_job(job_id=job.pk, queue=job.queue):
            break
        sent += 1
    return sent


def reap_lost_jobs() -> list[Job]:
    """Take running jobs whose heartbeat stopped away from their runs.

    They are queued and sent anew, or end: cancelled when that was asked for, failed when they were
    begun as often as their handler allows.
    """
    timeout = timedelta(seconds=settings.JOB_HEARTBEAT_TIMEOUT_SECONDS)
    lost = Job.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=Now() - timeout)
    reaped = []
    for job in lost.order_by("created_at"):
        columns = _after_loss(job)
        # The run may have come back to life since the row was read.
        same_run = lost.filter(pk=job.pk, run_token=job.run_token)
        if not same_run.update(**columns, updated_at=Now()):
            continue
        reaped.append(job)
        if columns["state"] == JobState.QUEUED:
            send_queued_job(job_id=job.pk, queue=job.queue)
    return reaped


def _after_loss(job: Job) -> dict[str, Any]:
    if job.cancel_requested:
        return {"state": JobState.CANCELLED, "ended_at": Now()}
    handler = find_handler(job.kind)
    if handler is not None and job.attempts < handler.max_attempts:
        return {"state": JobState.QUEUED, **BACK_IN_QUEUE}
    tries = "once" if job.attempts == 1 else f"{job.attempts} times"
    return {
        "state": JobState.FAILED,
        "error_code": "worker_lost",
        "error_message": f"The worker stopped without a word. The job was begun {tries}.",
        "ended_at": Now(),
    }
