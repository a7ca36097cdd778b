"""What is on record of a job that was tried again."""

from django.db import models

from core.models.base import UUIDModel
from core.models.job import JobState


class JobRetry(UUIDModel):
    """How a job had ended when somebody had it tried again: its own row then tells of the new try.

    What it wrote into the log meanwhile is told apart by time.
    """

    job = models.ForeignKey("core.Job", on_delete=models.CASCADE, related_name="retries")
    created_at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(max_length=12, choices=JobState)
    # How often a worker had begun it.
    attempts = models.PositiveIntegerField()
    step = models.CharField(max_length=200, blank=True)
    done = models.BigIntegerField()
    total = models.BigIntegerField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    # None when it was cancelled before a worker took it.
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["job", "-created_at"], name="job_retry_by_job")]
        verbose_name_plural = "job retries"

    def __str__(self) -> str:
        return f"{self.state} at {self.ended_at:%Y-%m-%d %H:%M}"
