"""Presets: saved filters."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from collections_app.querysets import PresetQuerySet
from core.models import TimestampedModel, UUIDModel
from folders.constants import MAX_NAME_LENGTH


class Preset(UUIDModel, TimestampedModel):
    """A named filter of a root folder: its maker's own, or shared with whoever sees the folder.

    Or one of the whole organisation, which the Encord SDK has brought: it is kept as it came and
    holds for no folder in particular.
    """

    root = models.ForeignKey(
        "folders.Folder", on_delete=models.CASCADE, null=True, related_name="presets"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, null=True, related_name="+"
    )
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    description = models.TextField(blank=True)
    # A tree of the filter grammar (folders.filters).
    filter = models.JSONField(null=True)
    # As Encord writes filters, unchanged.
    definition = models.JSONField(null=True)
    # Else nobody but the maker sees it.
    shared = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = PresetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "root",
                Lower("name"),
                condition=Q(shared=True),
                name="preset_name_is_unique_among_shared_of_root",
            ),
            # Names that others gave to their own are nobody else's business.
            models.UniqueConstraint(
                "root",
                "created_by",
                Lower("name"),
                condition=Q(shared=False),
                name="preset_name_is_unique_among_own_of_root",
            ),
            models.CheckConstraint(
                condition=Q(root__isnull=False, organisation=None, filter__isnull=False)
                | Q(root=None, organisation__isnull=False, definition__isnull=False),
                name="preset_filters_a_root_or_is_kept_for_the_organisation",
            ),
            models.CheckConstraint(
                condition=Q(shared=True) | Q(root__isnull=False),
                name="preset_of_the_organisation_is_shared",
            ),
        ]

    def __str__(self) -> str:
        return self.name
