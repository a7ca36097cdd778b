"""Background work."""

from django.db import models
from django.db.models import Q

from core.models.base import TimestampedModel, UUIDModel
from core.querysets import JobQuerySet


class JobState(models.TextChoices):
    """States of a job; see Job for the moves between them."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(UUIDModel, TimestampedModel):
    """One piece of background work; the row is the truth, Celery carries only its id.

    queued    -> running    a worker takes it
    queued    -> cancelled  cancelled before it began
    running   -> finished | failed | cancelled
    running   -> queued     its heartbeat stopped: the reaper gives it to another worker
    failed | cancelled -> queued    somebody has it tried again, from its checkpoint; how it had
                                    ended is kept as a JobRetry

    Every move is a compare-and-set UPDATE in core.services.jobs and core.services.job_runs.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="jobs"
    )
    actor = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    # What the job works on: a root folder's id, so that whoever sees the folder sees the job.
    folder_id = models.UUIDField(null=True, db_index=True)
    queue = models.CharField(max_length=20, default="default")
    state = models.CharField(max_length=12, choices=JobState, default=JobState.QUEUED)
    payload = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    # Where a resumed run goes on; written by the handler with its progress.
    checkpoint = models.JSONField(default=dict)
    step = models.CharField(max_length=200, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    idempotency_key = models.CharField(max_length=200, blank=True)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    # The run that owns the row: a worker thought dead cannot write over its successor.
    run_token = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "idempotency_key"],
                condition=Q(state__in=["queued", "running"]) & ~Q(idempotency_key=""),
                name="job_active_idempotency_key_is_unique",
            ),
            models.CheckConstraint(condition=Q(done__gte=0), name="job_done_is_not_negative"),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at"], name="job_by_organisation"),
            models.Index(fields=["-created_at"], name="job_by_time"),
            # How many failed of late is asked each time an operator looks.
            models.Index(
                fields=["-created_at"], condition=Q(state="failed"), name="job_failed_by_time"
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["queued", "running"]),
                name="job_active",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @property
    def is_active(self) -> bool:
        """Whether the job is still to end."""
        return self.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def percent(self) -> int | None:
        """Progress from 0 to 100, None while the total is unknown."""
        if not self.total:
            return None
        return min(100, int(100 * self.done / self.total))

    @property
    def may_be_retried(self) -> bool:
        """Whether it failed or was cancelled, and is of a kind that can go on then."""
        from core.jobs.registry import find_handler

        handler = find_handler(self.kind)
        ended_badly = self.state in (JobState.FAILED, JobState.CANCELLED)
        return ended_badly and handler is not None and handler.repeatable
