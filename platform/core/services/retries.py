"""Having a job that ended tried again."""

from functools import partial

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from core.errors import Conflict
from core.jobs.registry import find_handler
from core.models import Job, JobState
from core.services.job_runs import BACK_IN_QUEUE
from core.services.jobs import send_queued_job

_RETRIED = (JobState.FAILED, JobState.CANCELLED)


@transaction.atomic
def retry_job(*, job: Job) -> Job:
    """Queue a failed or cancelled job anew: handlers can be killed at any line and run again.

    What the job worked on may have moved on in the meantime; its handler then says so, and the job
    ends as it did before.

    Raises:
        Conflict: it has not ended, ended well, or another of its kind does its work already.
    """
    if find_handler(job.kind) is None:
        raise Conflict(f"Nobody here knows jobs of the kind “{job.kind}”.", code="unknown_kind")
    ended = Job.objects.filter(pk=job.pk, state__in=_RETRIED)
    columns = {
        **BACK_IN_QUEUE,
        "state": JobState.QUEUED,
        "attempts": 0,
        "cancel_requested": False,
        "error_code": "",
        "error_message": "",
        "started_at": None,
        "ended_at": None,
        "updated_at": Now(),
    }
    try:
        with transaction.atomic():
            moved = ended.update(**columns)
    except IntegrityError as error:
        raise Conflict("Another job does the same at the moment.", code="already_queued") from error
    if not moved:
        raise Conflict("Only failed and cancelled jobs can be tried again.", code="not_ended")
    transaction.on_commit(partial(send_queued_job, job_id=job.pk, queue=job.queue))
    job.refresh_from_db()
    return job
