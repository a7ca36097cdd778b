"""Which vectors were computed here rather than sent."""

from django.db import models

from embeddings.choices import Derivation


class DerivedVector(models.Model):
    """Marks the vector of one key on one unit as computed from those of its frames or parts.

    Written and removed in the transactions that write and remove the vectors themselves, by
    embeddings.services.vectors only; the database itself removes the marks of deleted units and
    keys. A vector without a mark is one that somebody sent.
    """

    pk = models.CompositePrimaryKey("key", "unit")
    # The constraints, with their cascades, are the database's own: see the migration.
    key = models.ForeignKey(
        "folders.MetadataKey",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    unit = models.ForeignKey(
        "folders.Unit", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    method = models.CharField(max_length=10, choices=Derivation)
    # How many frames or parts had a vector that counted.
    members = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.method} of {self.members} under {self.key_id} for {self.unit_id}"
