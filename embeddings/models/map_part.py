"""Parts of the payload of a map, and how far people have seen it."""

from django.conf import settings
from django.db import models

from core.models import TimestampedModel
from embeddings.models.reduction import Reduction


class MapPart(TimestampedModel):
    """A stretch of a map's points as browsers load it. It never changes.

    Points that go later stay in it, so that whoever has it need not load it again; only those who
    see the whole root folder get it.
    """

    reduction = models.ForeignKey(Reduction, on_delete=models.CASCADE, related_name="parts")
    # It holds points with first <= ordinal < end.
    first = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=32)
    # The frame of embeddings.maps.parts, compressed by gzip.
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reduction", "first", "end"], name="map_part_span_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"points {self.first} to {self.end} of {self.reduction_id}"


class MapSeen(TimestampedModel):
    """Up to which ordinal a person has seen the points of a map: one row for each map."""

    reduction = models.ForeignKey(Reduction, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Points below it are not new to him.
    ordinal = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reduction", "user"], name="map_is_seen_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.reduction_id} up to {self.ordinal}"
