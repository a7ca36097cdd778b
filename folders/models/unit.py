"""What the Explorer shows and vectors attach to."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from folders.choices import UnitKind
from folders.querysets import UnitQuerySet


class Unit(models.Model):
    """An item as a whole (frame is null), or one indexed frame of it.

    Folder and root repeat the item's, so that a root's units are found without a join; they move
    with the item.
    """

    item = models.ForeignKey("folders.Item", on_delete=models.CASCADE, related_name="units")
    frame = models.PositiveIntegerField(null=True)
    # Seconds from the start of the video.
    timestamp = models.FloatField(null=True)
    kind = models.CharField(max_length=20, choices=UnitKind)
    folder = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="units")
    root = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="+")
    # A frame named by the user; it stays whatever the sampling rate.
    is_key_frame = models.BooleanField(default=False)
    # The item's or frame's metadata as filters see it: a copy of Item.client_metadata for whole
    # items, the frame's own for frames. Only the import service writes it.
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "frame"],
                nulls_distinct=False,
                name="unit_is_unique_per_item_and_frame",
            ),
            models.CheckConstraint(
                condition=Q(kind="frame", frame__isnull=False) | ~Q(kind="frame") & Q(frame=None),
                name="unit_of_kind_frame_has_a_frame_number",
            ),
        ]
        indexes = [
            models.Index(fields=["root", "id"], name="unit_by_root"),
            models.Index(fields=["folder", "id"], name="unit_by_folder"),
            GinIndex(fields=["metadata"], name="unit_metadata", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return f"unit {self.pk}"
