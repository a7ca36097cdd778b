"""Bulk imports: a file, what is to be done with it, and what came of it."""

from django.db import models

from core.models import TimestampedModel, UUIDModel
from folders.choices import ImportState
from folders.constants import MAX_NAME_LENGTH
from folders.querysets import ImportQuerySet


class Import(UUIDModel, TimestampedModel):
    """One file on its way into a folder; its job checks the file and writes what it holds.

    checking -> checked      the file was read, nothing is written; a dry run waits here
    checked  -> writing      it is carried out
    writing  -> done
    checking | checked | writing -> failed | cancelled    nothing of it stays

    A writing import whose job was killed goes on from `checkpoint`, which is saved in the
    transaction of the batch that it speaks of.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    folder = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="imports")
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Of an importer; see folders.imports.registry.
    kind = models.CharField(max_length=30)
    file_name = models.CharField(max_length=MAX_NAME_LENGTH)
    # Where the file lies in the media storage; empty once the import has ended.
    storage_key = models.CharField(max_length=1024, blank=True)
    size = models.BigIntegerField(default=0)
    # A second file that belongs to the first, where the importer takes one.
    side_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    side_key = models.CharField(max_length=1024, blank=True)
    options = models.JSONField(default=dict)
    dry_run = models.BooleanField(default=False)
    job = models.ForeignKey("core.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=ImportState, default=ImportState.CHECKING)
    # What was found and what was written; see folders.imports.report.
    report = models.JSONField(default=dict)
    checkpoint = models.JSONField(default=dict)
    # How many errors there are, the first of them, and the file that holds them all.
    error_count = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)
    errors_key = models.CharField(max_length=1024, blank=True)
    # Where the ids of its items lie, when they do not follow from its own (folders.imports.items).
    items_key = models.CharField(max_length=1024, blank=True)
    # Files of what was found wrong only while writing, batch by batch; made one with the other at
    # the end, so that no batch has to write again what earlier ones found.
    late_errors_keys = models.JSONField(default=list)
    # Why it failed as a whole.
    failure = models.TextField(blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["folder", "-created_at"], name="import_by_folder_and_time"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED)

    @property
    def error_files(self) -> list[str]:
        """Keys of the files that hold all errors, in order."""
        return [key for key in (self.errors_key, *self.late_errors_keys) if key]

    @property
    def is_running(self) -> bool:
        """Whether a job is at work on it, or waits for a worker."""
        return self.job is not None and self.job.is_active

    @property
    def is_stalled(self) -> bool:
        """Whether its job ended without a word in the middle of the work; it can be resumed."""
        begun = self.state in (ImportState.CHECKING, ImportState.WRITING)
        return begun and not self.is_running
