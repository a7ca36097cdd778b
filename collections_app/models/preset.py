"""Presets: saved filters."""

from django.db import models
from django.db.models.functions import Lower

from collections_app.querysets import PresetQuerySet
from core.models import TimestampedModel, UUIDModel
from folders.constants import MAX_NAME_LENGTH


class Preset(UUIDModel, TimestampedModel):
    """A named filter of a root folder, shared with whoever sees the folder."""

    root = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    # A tree of the filter grammar (folders.filters).
    filter = models.JSONField()
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = PresetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("root", Lower("name"), name="preset_name_is_unique_in_root"),
        ]

    def __str__(self) -> str:
        return self.name
