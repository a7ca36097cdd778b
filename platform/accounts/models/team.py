"""Groups of people within an organisation."""

from django.db import models
from django.db.models.functions import Lower

from accounts.querysets import TeamQuerySet
from core.models import TimestampedModel, UUIDModel


class Team(UUIDModel, TimestampedModel):
    """A named group of an organisation's people; folders are granted to it as to a person."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="teams"
    )
    name = models.CharField(max_length=150)
    description = models.TextField(blank=True)
    members = models.ManyToManyField("accounts.User", related_name="teams", blank=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organisation", Lower("name"), name="team_name_is_unique_in_organisation"
            )
        ]

    def __str__(self) -> str:
        return self.name
