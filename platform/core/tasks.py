"""Celery tasks of the kernel; they carry ids, the rows are the truth."""

from uuid import UUID

from celery import shared_task

from core.jobs.execution import execute_job
from core.services import job_logs, jobs, mails
from core.services.stored_answers import prune_answers as prune


@shared_task(name="core.run_job")
def run_job(job_id: str) -> None:
    """Carry out one job, unless another worker has it or it ended."""
    execute_job(job_id=UUID(job_id))


@shared_task(name="core.dispatch_waiting_jobs", expires=30)
def dispatch_waiting_jobs() -> None:
    """Send jobs that wait in the table."""
    jobs.dispatch_waiting_jobs()


@shared_task(name="core.reap_lost_jobs", expires=30)
def reap_lost_jobs() -> None:
    """Give jobs of dead workers to living ones."""
    jobs.reap_lost_jobs()


@shared_task(name="core.send_waiting_mails", expires=30)
def send_waiting_mails() -> None:
    """Send mails that the mail server did not take at first."""
    mails.send_waiting_mails()


@shared_task(name="core.prune_answers", expires=300)
def prune_answers() -> None:
    """Remove stored answers that are no longer given."""
    while prune():
        pass


@shared_task(name="core.drop_old_job_logs", expires=3600)
def drop_old_job_logs() -> None:
    """Remove what jobs wrote into the log more than a month ago."""
    job_logs.drop_old_logs()
