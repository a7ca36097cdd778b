"""The organisation's metadata schema."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.models import TimestampedModel
from folders.choices import KeyType, Metric
from folders.constants import MAX_DIMENSIONS, MAX_KEY_NAME_LENGTH, MIN_DIMENSIONS
from folders.querysets import MetadataKeyQuerySet


class MetadataKey(TimestampedModel):
    """A typed key of the schema. A deleted key stays as a tombstone and can be restored."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="metadata_keys"
    )
    name = models.CharField(max_length=MAX_KEY_NAME_LENGTH)
    type = models.CharField(max_length=12, choices=KeyType)
    # Of keys of type enum.
    values = ArrayField(models.TextField(), default=list, blank=True)
    # Of keys of type embedding.
    dimensions = models.PositiveIntegerField(null=True)
    metric = models.CharField(max_length=14, choices=Metric, default=Metric.COSINE)
    deleted_at = models.DateTimeField(null=True)
    # A deleted key that can never be restored, nor its name be used again.
    erased = models.BooleanField(default=False)
    # Counts changes of what the index of values has to hold for the key; see
    # folders.services.value_index.
    index_revision = models.PositiveIntegerField(default=0)
    # Null until the index holds all values of the key: filters then read it.
    indexed_at = models.DateTimeField(null=True)
    # Stored values that do not fit the type, counted when the key was indexed; null before.
    misfits = models.PositiveIntegerField(null=True)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = MetadataKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], name="metadata_key_name_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(dimensions=None)
                | Q(
                    type="embedding",
                    dimensions__gte=MIN_DIMENSIONS,
                    dimensions__lte=MAX_DIMENSIONS,
                ),
                name="metadata_key_dimensions_are_of_an_embedding",
            ),
            models.CheckConstraint(
                condition=Q(erased=False) | Q(deleted_at__isnull=False),
                name="metadata_key_that_is_erased_is_deleted",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def holds(self) -> str:
        """What units have under it, in the singular."""
        return "vector" if self.type == KeyType.EMBEDDING else "value"
