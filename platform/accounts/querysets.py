"""Reads of the accounts app; each starts from what the actor may see."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from accounts.actor import Actor
    from accounts.models import ApiToken, Invitation, Membership, SSHKey, Team


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the actor's organisation: members know each other."""
        if actor.role is None:
            return self.none()
        return self.filter(organisation=actor.organisation)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the organisation, for its administrators only."""
        if not actor.is_organisation_admin:
            return self.none()
        return self.filter(organisation=actor.organisation)

    def open(self) -> Self:
        """Neither accepted nor revoked; some may be out of date."""
        return self.filter(accepted_at=None, revoked_at=None)


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the actor's organisation."""
        if actor.role is None:
            return self.none()
        return self.filter(organisation=actor.organisation)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """API tokens."""

    def visible_to(self, actor: "Actor") -> Self:
        """The person's own, for the organisation that he works in."""
        return self.filter(user=actor.user, organisation=actor.organisation)


class SSHKeyQuerySet(models.QuerySet["SSHKey"]):
    """SSH keys."""

    def visible_to(self, actor: "Actor") -> Self:
        """The person's own."""
        return self.filter(user=actor.user)
