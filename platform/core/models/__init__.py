"""Models of the shared kernel."""

from core.models.audit_event import AuditEvent
from core.models.base import TimestampedModel, UUIDModel
from core.models.job import Job, JobState

__all__ = ["AuditEvent", "Job", "JobState", "TimestampedModel", "UUIDModel"]
