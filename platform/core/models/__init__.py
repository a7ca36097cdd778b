"""Models of the shared kernel."""

from core.models.audit_event import AuditEvent
from core.models.base import TimestampedModel, UUIDModel
from core.models.job import Job, JobState
from core.models.stored_answer import StoredAnswer

__all__ = ["AuditEvent", "Job", "JobState", "StoredAnswer", "TimestampedModel", "UUIDModel"]
