"""Vector sets and their history of changes."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class VectorSet(models.Model):
    """All vectors of one embedding key in one root folder, with a revision.

    Whoever writes vectors locks this row by raising its revision, so that revisions become visible
    in order; only embeddings.services.vectors does.
    """

    root = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="vector_sets")
    key = models.ForeignKey(
        "folders.MetadataKey", on_delete=models.CASCADE, related_name="vector_sets"
    )
    revision = models.BigIntegerField(default=0)
    # Of earlier changes than this revision's nothing is kept: who has read less reads all anew.
    history_from = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["root", "key"], name="vector_set_is_unique"),
        ]

    def __str__(self) -> str:
        return f"vector set {self.pk} at {self.revision}"


class VectorChange(models.Model):
    """One unit's vector was written or removed at a revision of its set."""

    # No foreign key to the unit: a removal is remembered after the unit is gone.
    pk = models.CompositePrimaryKey("vector_set", "revision", "unit_id")
    # No constraint either: one look-up per changed vector would cost more than the row itself.
    vector_set = models.ForeignKey(
        VectorSet, on_delete=models.CASCADE, related_name="changes", db_constraint=False
    )
    revision = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    removed = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        # Rows come in the order of time; pruning is all that asks for it.
        indexes = [BrinIndex(fields=["at"], name="vector_change_by_time")]

    def __str__(self) -> str:
        return f"{'removal' if self.removed else 'write'} of {self.unit_id} at {self.revision}"
