"""Carries out one job from its taking to its end."""

import logging
import time
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError

from core.errors import DomainError
from core.jobs.errors import JobCancelled, JobLost
from core.jobs.heartbeat import DirectSaver, HeartbeatThread
from core.jobs.registry import Handler, find_handler
from core.jobs.run import JobRun
from core.logs import collect_log
from core.metrics import JOB_SECONDS, JOBS
from core.services.job_logs import save_log
from core.services.job_runs import (
    beat,
    end_cancelled_job,
    fail_job,
    finish_job,
    release_job,
    take_job,
)

logger = logging.getLogger(__name__)

# The surroundings failed, not the work: worth another attempt.
_PASSING = (OperationalError, InterfaceError, ConnectionError, TimeoutError)


def execute_job(*, job_id: UUID, own_connection: bool = True) -> None:
    """Take the job and run its handler; return quietly when somebody else has it or it ended.

    Args:
        job_id: the job.
        own_connection: progress and heartbeat are written by a thread with its own database
            connection; False is for tests inside a transaction.
    """
    job = take_job(job_id=job_id)
    if job is None or job.run_token is None:
        return
    run = JobRun(row=job, token=job.run_token)
    start = time.monotonic()
    with collect_log(str(job.pk)) as records:
        try:
            outcome = _carry_out(run, own_connection=own_connection)
        finally:
            save_log(job=job, records=records)
    JOBS.labels(job.kind, outcome).inc()
    JOB_SECONDS.labels(job.kind).observe(time.monotonic() - start)


def _carry_out(run: JobRun, *, own_connection: bool) -> str:
    """Run the job's handler; return how that ended, in a word for the figures."""
    handler = find_handler(run.row.kind)
    try:
        if handler is None:
            _fail(run, "unknown_kind", f"No worker here knows jobs of the kind “{run.row.kind}”.")
            return "failed"
        return _run_to_end(run, handler, own_connection=own_connection)
    except JobLost:
        logger.warning("Job %s: another run owns it, this one ends.", run.row.pk)
        return "lost"


def _run_to_end(run: JobRun, handler: Handler, *, own_connection: bool) -> str:
    """Move the row to where the handler's outcome leads, and return that."""
    try:
        result = _call(run, handler, own_connection=own_connection)
        _flush(run)
        finish_job(job_id=run.row.pk, token=run.token, result=result)
        return "finished"
    except JobCancelled:
        end_cancelled_job(job_id=run.row.pk, token=run.token)
        return "cancelled"
    except JobLost:
        raise
    except DomainError as error:
        _fail(run, error.code, _with_details(error))
        return "failed"
    except _PASSING:
        logger.exception("Job %s (%s) was interrupted.", run.row.pk, run.row.kind)
        _release_or_fail(run, handler)
        return "interrupted"
    except Exception:
        logger.exception("Job %s (%s) failed.", run.row.pk, run.row.kind)
        _fail(run, "internal_error", f"Something went wrong on our side (job {run.row.pk}).")
        return "failed"
    except BaseException:
        # The worker is told to stop: another one may go on from the checkpoint at once.
        _flush(run)
        release_job(job_id=run.row.pk, token=run.token, count_attempt=False)
        raise


def _call(run: JobRun, handler: Handler, *, own_connection: bool) -> dict[str, Any]:
    heart = HeartbeatThread(run) if own_connection else DirectSaver(run)
    run.saver = heart
    with heart if isinstance(heart, HeartbeatThread) else nullcontext():
        return handler.run(run) or {}


def _flush(run: JobRun) -> None:
    """The last progress is always written."""
    beat(job_id=run.row.pk, token=run.token, columns=run.take_unsaved().as_columns())


def _fail(run: JobRun, code: str, message: str) -> None:
    _flush(run)
    fail_job(job_id=run.row.pk, token=run.token, code=code, message=message)


def _release_or_fail(run: JobRun, handler: Handler) -> None:
    if run.row.attempts < handler.max_attempts:
        _flush(run)
        release_job(job_id=run.row.pk, token=run.token, count_attempt=True)
        return
    _fail(
        run,
        "unavailable",
        f"A part of the platform that the job needs did not answer, {run.row.attempts} times.",
    )


def _with_details(error: DomainError) -> str:
    """The sentence and the first few wrong values."""
    lines = [f"{part.path}: {part.message}" for part in error.errors[:10]]
    if len(error.errors) > 10:
        lines.append(f"… and {len(error.errors) - 10} more")
    return "\n".join([error.message, *lines])
