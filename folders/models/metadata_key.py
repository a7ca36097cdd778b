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
        ]

    def __str__(self) -> str:
        return self.name
