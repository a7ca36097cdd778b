"""Regions that were drawn on maps while these formed."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.models import TimestampedModel, UUIDModel
from embeddings.models.reduction import Reduction


class MapSelection(UUIDModel, TimestampedModel):
    """The units that a region held at a moment of a forming map. It never changes.

    Points of a forming map go on, and nobody stores where they were: a filter names the selection
    instead of the region. It outlives its map, as links and presets do that name it, and goes with
    its root folder. Who uses it sees those of its units that he may see.
    """

    root = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="+")
    reduction = models.ForeignKey(Reduction, on_delete=models.SET_NULL, null=True, related_name="+")
    # The number of the snapshot, and what was drawn on it, as the page sent it.
    snapshot = models.PositiveIntegerField()
    parts = models.JSONField()
    # Ascending.
    unit_ids = ArrayField(models.BigIntegerField())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{len(self.unit_ids):,} units of {self.root}"
