"""Background work: register a handler for a kind of job, report progress, be cancelled, resume."""

from core.jobs.errors import JobCancelled, JobLost, JobStopped
from core.jobs.registry import Handler, handler
from core.jobs.run import JobRun
from core.jobs.visibility import register_visibility

__all__ = [
    "Handler",
    "JobCancelled",
    "JobLost",
    "JobRun",
    "JobStopped",
    "handler",
    "register_visibility",
]
