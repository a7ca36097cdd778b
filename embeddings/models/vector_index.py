"""Approximate indexes of vector sets."""

from django.db import models
from django.db.models import Q

from embeddings.choices import IndexState
from embeddings.constants import GOOD_RECALL


class VectorIndex(models.Model):
    """An HNSW index of one vector set, over a copy of its vectors in half precision.

    building -> ready      takes the place of an earlier one
    building -> failed     says why; its copy is gone

    The copy is a table of its own (embeddings.indexes.table), which a trigger drops with the row,
    whoever deletes it. Searches read beside it what has changed after `revision`.
    """

    vector_set = models.ForeignKey(
        "embeddings.VectorSet", on_delete=models.CASCADE, related_name="indexes"
    )
    state = models.CharField(max_length=10, choices=IndexState, default=IndexState.BUILDING)
    job = models.ForeignKey("core.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    error = models.TextField(blank=True)
    dimensions = models.PositiveIntegerField()
    # What vectors are multiplied by, so that half precision can hold them.
    scale = models.FloatField(default=1.0)
    revision = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    # Units written or removed since it was built: the graph gets worse by each.
    changed = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    ef_search = models.PositiveIntegerField(default=100)
    # Share of the 50 nearest that it finds; None while it was not measured.
    recall = models.FloatField(null=True)
    measured_at = models.DateTimeField(null=True)
    built_at = models.DateTimeField(null=True)
    build_seconds = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vector_set"], condition=Q(state="ready"), name="one_ready_index_per_set"
            ),
            models.UniqueConstraint(
                fields=["vector_set"],
                condition=Q(state="building"),
                name="one_index_in_building_per_set",
            ),
        ]

    def __str__(self) -> str:
        return f"index {self.pk} of vector set {self.vector_set_id} ({self.state})"

    @property
    def is_good(self) -> bool:
        """Whether it finds enough to be chosen by itself."""
        return self.recall is not None and self.recall >= GOOD_RECALL
