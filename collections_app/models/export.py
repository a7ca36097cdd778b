"""Exports: files of what somebody saw."""

from django.db import models

from core.models import TimestampedModel, UUIDModel


class ExportFormat(models.TextChoices):
    """What kind of file."""

    JSON = "json", "JSON"
    CSV = "csv", "CSV"
    PARQUET = "parquet", "Parquet"


class Export(UUIDModel, TimestampedModel):
    """Units of a root folder with what is known of them, as one file.

    It holds what its maker saw when it was made: he alone may have it, until it expires.
    """

    root = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    format = models.CharField(max_length=8, choices=ExportFormat)
    # Embedding keys whose vectors are in it, by id.
    keys = models.JSONField(default=list)
    # A matching.Matching, or {"units": ids} of those that were picked.
    selection = models.JSONField()
    job = models.ForeignKey("core.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    # Both are set when it is done.
    storage_key = models.CharField(max_length=1024, blank=True)
    units = models.PositiveBigIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="export_by_time")]

    def __str__(self) -> str:
        return f"{self.format} of {self.root_id}"
