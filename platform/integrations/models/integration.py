"""A source of objects that an organisation has given us access to."""

from django.db import models

from core.models import TimestampedModel, UUIDModel
from integrations.choices import Provider
from integrations.querysets import IntegrationQuerySet


class Integration(UUIDModel, TimestampedModel):
    """How objects at some addresses are read: with which provider, settings and credentials."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="integrations"
    )
    name = models.CharField(max_length=150)
    provider = models.CharField(max_length=20, choices=Provider)
    # What may be shown: endpoint, region, bucket, prefix, directory.
    settings = models.JSONField(default=dict)
    # Credentials as one encrypted JSON object; empty where none are needed.
    secret = models.TextField(blank=True)
    # The one for web addresses that every organisation has from the start; it stays as it is.
    is_default = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], name="integration_name_is_unique"
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=models.Q(is_default=True),
                name="integration_default_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name
