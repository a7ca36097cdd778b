"""Storage items."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5, Lower

from core.models import TimestampedModel, UUIDModel
from folders.choices import ItemKind, ItemState
from folders.constants import MAX_NAME_LENGTH
from folders.querysets import ItemQuerySet


class Item(UUIDModel, TimestampedModel):
    """An image, image group, image sequence or video in a folder."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    folder = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=20, choices=ItemKind)
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    # Where the original lies: a key in our own media storage, or the address of a cloud object.
    storage_key = models.CharField(max_length=1024, blank=True)
    object_url = models.TextField(blank=True)
    # Through which objects at that address are read; never deleted while items need it.
    integration = models.ForeignKey(
        "integrations.Integration", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Sniffed from the content, never believed from the name.
    mime_type = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField(null=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    fps = models.FloatField(null=True)
    duration = models.FloatField(null=True)
    frame_count = models.PositiveIntegerField(null=True)
    # The measures came with a registration and are believed: nothing was fetched, and the frames
    # of a video stand at number / fps.
    measures_given = models.BooleanField(default=False)
    # All metadata but vectors, as it was given.
    client_metadata = models.JSONField(default=dict)
    # Of parts of an image group or sequence: the whole, and the place in it, from 0.
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="parts")
    position = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=12, choices=ItemState, default=ItemState.PROCESSING)
    failure = models.TextField(blank=True)
    # How often a worker has opened the file since the item began to wait.
    attempts = models.PositiveSmallIntegerField(default=0)
    # Changes whenever thumbnails are made anew, so that they can be cached for ever.
    thumbnail_version = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None, position=None)
                | Q(parent__isnull=False, position__isnull=False),
                name="item_has_a_position_exactly_as_a_part",
            ),
            models.UniqueConstraint(
                fields=["parent", "position"],
                condition=Q(parent__isnull=False),
                name="item_position_is_unique_among_parts",
            ),
        ]
        indexes = [
            # Addresses may be longer than an index entry can be.
            models.Index(
                "folder",
                MD5("object_url"),
                condition=~Q(object_url=""),
                name="item_by_folder_and_address",
            ),
            models.Index(fields=["folder", "created_at", "id"], name="item_by_folder_and_time"),
            models.Index(fields=["folder", "name", "id"], name="item_by_folder_and_name"),
            # Names that begin with what somebody types, in any case of letters.
            models.Index(
                "folder",
                OpClass(Lower("name"), name="text_pattern_ops"),
                condition=Q(parent=None),
                name="item_by_folder_and_lower_name",
            ),
            # Few items wait or have failed; they are counted and fetched all the time.
            models.Index(
                fields=["folder", "state", "created_at", "id"],
                condition=~Q(state="ready"),
                name="item_not_ready",
            ),
        ]

    def __str__(self) -> str:
        return self.name
