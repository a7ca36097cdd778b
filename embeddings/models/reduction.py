"""Maps: the 2D coordinates of a root folder's vectors."""

from django.db import models

from core.models import TimestampedModel, UUIDModel
from embeddings.choices import Placement, ReductionMethod, ReductionState


class Reduction(UUIDModel, TimestampedModel):
    """One version of the map of a root folder and embedding key.

    Old versions stay until the new one is kept; the latest ready one is shown.
    """

    root = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="reductions")
    key = models.ForeignKey(
        "folders.MetadataKey", on_delete=models.CASCADE, related_name="reductions"
    )
    job = models.ForeignKey("core.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField()
    method = models.CharField(max_length=10, choices=ReductionMethod)
    # As asked for, and as used after adapting to the number of vectors; library versions.
    parameters = models.JSONField(default=dict)
    used = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ReductionState, default=ReductionState.PENDING)
    failure = models.TextField(blank=True)
    # Revision of the vector set that the coordinates were computed from.
    revision = models.BigIntegerField(null=True)
    point_count = models.PositiveIntegerField(default=0)
    # Units that have a vector but no place on the map, as zero vectors under cosine.
    left_out = models.PositiveIntegerField(default=0)
    kl_divergence = models.FloatField(null=True)
    seconds = models.FloatField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["root", "key", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["root", "key", "version"], name="reduction_version_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} map of {self.key}, version {self.version}"


class ReductionPoint(models.Model):
    """Where one unit lies on one map. Written by COPY."""

    pk = models.CompositePrimaryKey("reduction", "unit")
    reduction = models.ForeignKey(Reduction, on_delete=models.CASCADE, related_name="points")
    unit = models.ForeignKey("folders.Unit", on_delete=models.CASCADE, related_name="+")
    x = models.FloatField()
    y = models.FloatField()
    # Place in the payload; it stays when other points come and go.
    ordinal = models.PositiveIntegerField()
    placement = models.SmallIntegerField(choices=Placement, default=Placement.LAYOUT)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reduction", "ordinal"], name="reduction_point_ordinal_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"point of {self.unit_id}"
