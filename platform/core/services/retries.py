"""Having a job that ended tried again."""

from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from core.actors import ActorLike
from core.errors import Conflict
from core.jobs.registry import find_handler
from core.models import Job, JobRetry, JobState
from core.services.audit import record
from core.services.job_runs import BACK_IN_QUEUE
from core.services.jobs import send_queued_job

_RETRIED = (JobState.FAILED, JobState.CANCELLED)
# What a new try begins with, and a JobRetry keeps of the one before.
_KEPT = (
    *("state", "attempts", "step", "done", "total"),
    *("error_code", "error_message", "started_at", "ended_at"),
)
_FRESH: dict[str, Any] = {
    "attempts": 0,
    "cancel_requested": False,
    "error_code": "",
    "error_message": "",
    "started_at": None,
    "ended_at": None,
}


@transaction.atomic
def retry_job(*, actor: ActorLike, job: Job) -> Job:
    """Queue a failed or cancelled job anew: handlers can be killed at any line and run again.

    It goes on from its checkpoint, and for the person who started it, whoever asks. What the job
    worked on may have moved on in the meantime; its handler then says so, and the job ends as it
    did before.

    Raises:
        Conflict: it has not ended, ended well, is of a kind that is begun anew instead, or another
            of its kind does its work already.
    """
    handler = find_handler(job.kind)
    if handler is None:
        raise Conflict(f"Nobody here knows jobs of the kind “{job.kind}”.", code="unknown_kind")
    if not handler.repeatable:
        raise Conflict(
            "What this job had done was undone when it ended. Begin it anew where it was begun.",
            code="not_repeatable",
        )
    ended = Job.objects.select_for_update().filter(pk=job.pk, state__in=_RETRIED).first()
    if ended is None:
        raise Conflict("Only failed and cancelled jobs can be tried again.", code="not_ended")
    JobRetry.objects.create(
        job=ended, actor=actor.user, **{name: getattr(ended, name) for name in _KEPT}
    )
    columns = {**BACK_IN_QUEUE, **_FRESH, "state": JobState.QUEUED, "updated_at": Now()}
    try:
        with transaction.atomic():
            Job.objects.filter(pk=job.pk).update(**columns)
    except IntegrityError as error:
        raise Conflict("Another job does the same at the moment.", code="already_queued") from error
    record(actor=actor, action="job.retried", target=job)
    transaction.on_commit(partial(send_queued_job, job_id=job.pk, queue=job.queue))
    job.refresh_from_db()
    return job
