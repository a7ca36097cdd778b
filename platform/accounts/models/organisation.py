"""Tenants and who belongs to them."""

from django.db import models

from accounts.choices import OrganisationRole
from accounts.querysets import MembershipQuerySet
from core.models import TimestampedModel, UUIDModel


class Organisation(UUIDModel, TimestampedModel):
    """A tenant: its people, folders, schema. Nothing crosses organisations."""

    name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.name


class Membership(TimestampedModel):
    """A person's place in an organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(
        max_length=10, choices=OrganisationRole, default=OrganisationRole.MEMBER
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"], name="membership_is_unique_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organisation} ({self.role})"
