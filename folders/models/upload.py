"""Files on their way in, part by part, and the parts that have arrived."""

from django.db import models
from django.db.models import F, Q

from core.models import TimestampedModel, UUIDModel
from folders.choices import UploadPurpose
from folders.constants import MAX_NAME_LENGTH
from folders.querysets import UploadQuerySet

MAX_CLIENT_KEY_LENGTH = 100


class Upload(UUIDModel, TimestampedModel):
    """A file that one person sends into a folder, resumable by the tus protocol.

    The row is there before the first byte is stored, so that nothing in the storage lacks a row
    that says when it may go. It counts as received what `offset` says, and no more.

        offset < size            under way
        offset = size            complete; `storage_key` is set once the parts are one file
        finished                 what its purpose asked for is done: the item exists

    An object comes in one piece, whose size is not known before; its row has the id of the item
    that it is to become, and goes when a registration takes the object over
    (folders.services.object_uploads).
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    # Rows outlive person and folder, because they name files that are still to be removed.
    user = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    folder = models.ForeignKey(
        "folders.Folder", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    purpose = models.CharField(max_length=12, choices=UploadPurpose)
    # A name that the sender gave, so that asking twice for one upload makes one.
    client_key = models.CharField(max_length=MAX_CLIENT_KEY_LENGTH, blank=True)
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    # Where the file lies as a whole.
    storage_key = models.CharField(max_length=1024, blank=True)
    # The id that the item gets: no item yet, so no foreign key.
    item_id = models.UUIDField(null=True)
    finished = models.BooleanField(default=False)
    expires_at = models.DateTimeField(db_index=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(offset__gte=0, offset__lte=F("size")),
                name="upload_holds_at_most_its_size",
            ),
            models.UniqueConstraint(
                fields=["user", "client_key"],
                condition=~Q(client_key=""),
                name="upload_is_the_one_of_its_key",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_complete(self) -> bool:
        """Whether every byte has arrived."""
        return self.offset == self.size


class UploadPart(models.Model):
    """A stretch of an upload's bytes, stored as a file of its own."""

    upload = models.ForeignKey("folders.Upload", on_delete=models.CASCADE, related_name="parts")
    offset = models.BigIntegerField()
    size = models.BigIntegerField()
    storage_key = models.CharField(max_length=1024)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "offset"], name="upload_part_begins_where_no_other_does"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id} from {self.offset}"
