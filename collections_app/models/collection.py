"""Collections: named sets of units."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from collections_app.choices import Colour
from collections_app.querysets import CollectionQuerySet
from core.models import TimestampedModel, UUIDModel
from folders.constants import MAX_NAME_LENGTH

NAME_CONSTRAINT = "collection_name_is_unique_in_root"


class Collection(UUIDModel, TimestampedModel):
    """A named set of units of a root folder: a snapshot, with the recipe that made it."""

    root = models.ForeignKey("folders.Folder", on_delete=models.CASCADE, related_name="collections")
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    description = models.TextField(blank=True)
    colour = models.PositiveSmallIntegerField(choices=Colour, default=Colour.NONE)
    # Steps in order: what was added or removed, by which filter or search, by whom, when.
    recipe = models.JSONField(default=list)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = CollectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("root", Lower("name"), name=NAME_CONSTRAINT),
            models.CheckConstraint(
                condition=Q(colour__in=Colour.values), name="collection_has_a_colour_of_the_palette"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CollectionUnit(models.Model):
    """A unit's membership in a collection."""

    pk = models.CompositePrimaryKey("collection", "unit")
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="members")
    unit = models.ForeignKey(
        "folders.Unit", on_delete=models.CASCADE, related_name="collection_members"
    )
    added_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.unit_id} in {self.collection_id}"


class PickedUnits(UUIDModel):
    """The units that one step of a recipe names one by one, so that it can be replayed.

    They are kept beside the recipe, which every page reads. Ids of units that are gone stay, and
    mean nothing.
    """

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="picked")
    units = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{len(self.units)} of {self.collection_id}"
