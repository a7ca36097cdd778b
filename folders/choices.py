"""Choices of the folders app."""

from django.db import models


class FolderRole(models.TextChoices):
    """What a grant allows on a folder and all below it, weakest first."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Position from weakest (0) to strongest."""
        return list(type(self)).index(self)

    def includes(self, other: "FolderRole") -> bool:
        """Whether this role allows all that the other allows."""
        return self.rank >= other.rank


class ItemKind(models.TextChoices):
    """Kinds of items."""

    IMAGE = "image"
    IMAGE_GROUP = "image_group"
    IMAGE_SEQUENCE = "image_sequence"
    VIDEO = "video"


class UnitKind(models.TextChoices):
    """Kinds of units: an item as a whole, or one frame of it."""

    IMAGE = "image"
    IMAGE_GROUP = "image_group"
    IMAGE_SEQUENCE = "image_sequence"
    VIDEO = "video"
    FRAME = "frame"


class ItemState(models.TextChoices):
    """Whether an item's media has been read."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class ImportState(models.TextChoices):
    """How far a bulk import is; see Import for the moves."""

    CHECKING = "checking"
    CHECKED = "checked"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class UploadPurpose(models.TextChoices):
    """What a file becomes when it has arrived."""

    ITEM = "item"
    IMPORT = "import"
    # An object that a registration is going to name.
    OBJECT = "object"


class KeyType(models.TextChoices):
    """Types of metadata keys."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    VARCHAR = "varchar"
    DATETIME = "datetime"
    TEXT = "text"
    UUID = "uuid"
    ENUM = "enum"
    GEOSPATIAL = "geospatial"
    EMBEDDING = "embedding"


class Metric(models.TextChoices):
    """How the distance of two vectors is measured; see embeddings.search.distance."""

    COSINE = "cosine"
    L2 = "l2"
    INNER_PRODUCT = "inner_product"
