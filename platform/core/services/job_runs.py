"""The moves of a job's state machine (see core.models.Job).

Each is one compare-and-set UPDATE: it names the state that it leaves and the run that owns the row.
A move that finds the row elsewhere raises JobLost and changes nothing. Times are the database's, so
that the clocks of several hosts do not matter.
"""

from enum import Enum
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F
from django.db.models.functions import Coalesce, Now

from core.jobs.errors import JobLost
from core.models import Job, JobState


class Pulse(Enum):
    """What a heartbeat learns."""

    GO_ON = "go_on"
    CANCEL = "cancel"
    LOST = "lost"


def take_job(*, job_id: UUID) -> Job | None:
    """queued -> running, owned by a new run; None when the job is not queued (any more)."""
    token = uuid4()
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        run_token=token,
        attempts=F("attempts") + 1,
        heartbeat_at=Now(),
        started_at=Coalesce("started_at", Now()),
        updated_at=Now(),
    )
    if not taken:
        return None
    return Job.objects.select_related("actor").filter(pk=job_id, run_token=token).first()


def beat(*, job_id: UUID, token: UUID, columns: dict[str, Any]) -> Pulse:
    """Save progress and the heartbeat of a run; tell whether it is to go on."""
    owned = Job.objects.filter(pk=job_id, run_token=token, state=JobState.RUNNING)
    if not owned.update(**columns, heartbeat_at=Now(), updated_at=Now()):
        return Pulse.LOST
    return Pulse.CANCEL if owned.filter(cancel_requested=True).exists() else Pulse.GO_ON


def finish_job(*, job_id: UUID, token: UUID, result: dict[str, Any]) -> None:
    """running -> finished.

    Raises:
        JobLost: another run owns the job.
    """
    _leave_running(job_id, token, state=JobState.FINISHED, result=result, ended_at=Now())


def fail_job(*, job_id: UUID, token: UUID, code: str, message: str) -> None:
    """running -> failed.

    Raises:
        JobLost: another run owns the job.
    """
    _leave_running(
        job_id,
        token,
        state=JobState.FAILED,
        error_code=code[:60],
        error_message=message,
        ended_at=Now(),
    )


def end_cancelled_job(*, job_id: UUID, token: UUID) -> None:
    """running -> cancelled.

    Raises:
        JobLost: another run owns the job.
    """
    _leave_running(job_id, token, state=JobState.CANCELLED, ended_at=Now())


def release_job(*, job_id: UUID, token: UUID, count_attempt: bool) -> None:
    """running -> queued, to be begun again; a worker that is told to stop does not count.

    Raises:
        JobLost: another run owns the job.
    """
    attempts = F("attempts") if count_attempt else F("attempts") - 1
    _leave_running(job_id, token, state=JobState.QUEUED, attempts=attempts, **BACK_IN_QUEUE)


# A queued row without a heartbeat, a run or a message at the broker: the next dispatch sends it.
BACK_IN_QUEUE: dict[str, Any] = {"run_token": None, "heartbeat_at": None, "sent_at": None}


def _leave_running(job_id: UUID, token: UUID, **columns: Any) -> None:
    moved = Job.objects.filter(pk=job_id, run_token=token, state=JobState.RUNNING).update(
        **columns, updated_at=Now()
    )
    if not moved:
        raise JobLost(f"Job {job_id} is not run {token}'s any more.")
