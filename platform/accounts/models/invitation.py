"""Invitations into an organisation."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.choices import OrganisationRole
from accounts.querysets import InvitationQuerySet
from core.models import TimestampedModel, UUIDModel


class Invitation(UUIDModel, TimestampedModel):
    """A link for one address: open until it is accepted, revoked, or out of date."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="invitations"
    )
    # In lower case.
    email = models.EmailField()
    role = models.CharField(
        max_length=10, choices=OrganisationRole, default=OrganisationRole.MEMBER
    )
    # HMAC-SHA-256 of the link's secret, keyed as those of API tokens are; a new one with each mail.
    digest = models.CharField(max_length=64, unique=True)
    # Whether the link went to the mailbox and to nobody else.
    by_mail = models.BooleanField(default=False)
    invited_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_is_unique_while_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} into {self.organisation}"

    @property
    def has_expired(self) -> bool:
        """Whether the link is out of date; it can be sent anew."""
        return self.expires_at <= timezone.now()
