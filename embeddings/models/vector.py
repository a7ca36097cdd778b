"""The vectors themselves."""

from django.db import models
from pgvector.django import VectorField


class Vector(models.Model):
    """The float32 values of one embedding key on one unit, exactly as they were sent.

    The table is partitioned by key and made by a migration in SQL. No model may point to it, and
    only embeddings.services.vectors writes to it. `norm` is the Euclidean length in float64: 0
    marks a zero vector, which has no direction and so no cosine distance.
    """

    pk = models.CompositePrimaryKey("key", "unit")
    key = models.ForeignKey("folders.MetadataKey", on_delete=models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey("folders.Unit", on_delete=models.DO_NOTHING, related_name="vectors")
    root = models.ForeignKey("folders.Folder", on_delete=models.DO_NOTHING, related_name="+")
    norm = models.FloatField()
    value = VectorField()

    class Meta:
        managed = False
        db_table = "embeddings_vector"

    def __str__(self) -> str:
        return f"vector of {self.unit_id} under {self.key_id}"
