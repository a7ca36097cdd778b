"""Maps: the 2D coordinates of a root folder's vectors."""

from django.db import models

from core.models import JobState, TimestampedModel, UUIDModel
from embeddings.choices import Placement, ReductionMethod, ReductionState
from embeddings.fields import Float32Field
from embeddings.maps.querysets import ReductionQuerySet


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
    # The version whose places this one begins at, when it was computed anew.
    based_on = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    # Somebody is content with the layout as it is: its run keeps it and ends.
    stop_requested = models.BooleanField(default=False)
    # Revision of the vector set that the coordinates were computed from.
    revision = models.BigIntegerField(null=True)
    # Revision up to which vectors that came or changed later have their places.
    placed_revision = models.BigIntegerField(null=True)
    # Where each part of the payload ends, as ordinals: the layout, then what was placed later.
    segments = models.JSONField(default=list)
    point_count = models.PositiveIntegerField(default=0)
    # Units that have a vector but no place on the map, as zero vectors under cosine.
    left_out = models.PositiveIntegerField(default=0)
    # Units that were on the map and then deleted, or moved to another root folder.
    units_left = models.PositiveIntegerField(default=0)
    kl_divergence = models.FloatField(null=True)
    seconds = models.FloatField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ReductionQuerySet.as_manager()

    class Meta:
        ordering = ["root", "key", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["root", "key", "version"], name="reduction_version_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} map of {self.key}, version {self.version}"

    @property
    def current_state(self) -> ReductionState:
        """The state, also after a job that ended without a word to this row.

        A job may be cancelled before it begins, or its worker may be lost too often.
        """
        state = ReductionState(self.state)
        if state not in (ReductionState.PENDING, ReductionState.RUNNING):
            return state
        if self.job is not None and self.job.is_active:
            return state
        if self.job is not None and self.job.state == JobState.CANCELLED:
            return ReductionState.CANCELLED
        return ReductionState.FAILED

    @property
    def is_ready(self) -> bool:
        """Whether it can be shown."""
        return self.state == ReductionState.READY

    @property
    def is_active(self) -> bool:
        """Whether the map is still to come."""
        return self.current_state in (ReductionState.PENDING, ReductionState.RUNNING)

    @property
    def reason(self) -> str:
        """Why there is no map, in words for the user; empty unless it failed."""
        if self.current_state != ReductionState.FAILED:
            return ""
        job_says = self.job.error_message if self.job else ""
        return self.failure or job_says or "The work ended early."


class ReductionPoint(models.Model):
    """Where one unit lies on one map. Written by COPY; goes with its map and its unit."""

    pk = models.CompositePrimaryKey("reduction", "unit")
    # The database itself cascades: Django would fetch a million points to delete a map.
    reduction = models.ForeignKey(Reduction, on_delete=models.DO_NOTHING, related_name="points")
    unit = models.ForeignKey("folders.Unit", on_delete=models.DO_NOTHING, related_name="+")
    x = Float32Field()
    y = Float32Field()
    # Place in the payload; it stays when other points come and go.
    ordinal = models.PositiveIntegerField()
    placement = models.SmallIntegerField(choices=Placement, default=Placement.LAYOUT)
    # Of a placed point: the distance to the nearest unit of the map, by the key's metric.
    neighbour_distance = Float32Field(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reduction", "ordinal"], name="reduction_point_ordinal_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"point of {self.unit_id}"
