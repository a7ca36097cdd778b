"""The folder tree."""

from django.db import models
from django.db.models import Q

from core.models import TimestampedModel, UUIDModel
from folders.constants import MAX_NAME_LENGTH
from folders.querysets import FolderManager, LiveFolderManager


class Folder(UUIDModel, TimestampedModel):
    """A node of the tree. A root folder has no parent and is its own root."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="folders"
    )
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    root = models.ForeignKey("self", on_delete=models.CASCADE, related_name="+")
    # Ids (hex) from the root down to this folder: "/<root>/<child>/". Below means: starts with.
    path = models.TextField()
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    description = models.TextField(blank=True)
    # One JSON object, as callers gave it; nothing filters by it.
    client_metadata = models.JSONField(null=True)
    # Settings that the Encord SDK keeps with the folder, word for word.
    sdk_config = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Set on a folder and all below it the moment that it is deleted: nobody sees them from then on,
    # and a job removes what they hold. See folders.services.deletion.
    deleted_at = models.DateTimeField(null=True)
    # Id of the root folder that this one was moved out of, while units below it still name that
    # root: a job takes them along. See folders.services.moves.
    moved_from = models.UUIDField(null=True)

    # Folders that are not deleted; those that are, are for the job that removes them.
    objects = LiveFolderManager()
    everything = FolderManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["path"], name="folder_path_is_unique"),
            models.CheckConstraint(
                condition=Q(parent=None, root=models.F("id"))
                | Q(parent__isnull=False) & ~Q(root=models.F("id")),
                name="folder_without_parent_is_its_own_root",
            ),
        ]
        indexes = [
            models.Index(
                fields=["path"], name="folder_path_prefix", opclasses=["text_pattern_ops"]
            ),
            models.Index(fields=["organisation", "parent", "name"], name="folder_children"),
            # Few folders are on their way out; each look at a whole root asks for them.
            models.Index(
                fields=["root"], condition=Q(deleted_at__isnull=False), name="folder_deleted"
            ),
            models.Index(
                fields=["moved_from"], condition=Q(moved_from__isnull=False), name="folder_moving"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_root(self) -> bool:
        """Whether the folder has no parent."""
        return self.parent_id is None

    @property
    def depth(self) -> int:
        """0 for a root folder."""
        return self.path.count("/") - 2
