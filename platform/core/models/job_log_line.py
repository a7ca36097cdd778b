"""What a job wrote into the log."""

from django.db import models


class JobLogLine(models.Model):
    """One line of one run; most jobs write none. Kept for a month."""

    job = models.ForeignKey("core.Job", on_delete=models.CASCADE, related_name="log")
    attempt = models.PositiveIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=10)
    # With the traceback, where there was one.
    text = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="job_log_line_by_time")]

    def __str__(self) -> str:
        return f"{self.level} {self.text[:60]}"
