"""Models of the shared kernel."""

from core.models.audit_event import AuditEvent
from core.models.base import TimestampedModel, UUIDModel
from core.models.job import Job, JobState
from core.models.job_log_line import JobLogLine
from core.models.job_retry import JobRetry
from core.models.outgoing_mail import OutgoingMail
from core.models.stored_answer import StoredAnswer
from core.models.tally import Tally

__all__ = [
    "AuditEvent",
    "Job",
    "JobLogLine",
    "JobRetry",
    "JobState",
    "OutgoingMail",
    "StoredAnswer",
    "Tally",
    "TimestampedModel",
    "UUIDModel",
]
