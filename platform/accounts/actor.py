"""Who acts, and for which organisation."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from accounts.choices import OrganisationRole, TokenScope
from accounts.models import Membership, Organisation, User
from core.errors import NotAllowed


@dataclass(frozen=True)
class Actor:
    """A person acting within one organisation, by session or by token.

    Services and querysets take the actor, never the bare person: somebody who belongs to two
    organisations must not reach one through a token of the other.
    """

    user: User
    organisation: Organisation
    scope: TokenScope = TokenScope.WRITE

    @property
    def organisation_id(self) -> UUID:
        """Id of the organisation that the actor works in."""
        return self.organisation.id

    @cached_property
    def role(self) -> OrganisationRole | None:
        """The person's role in the organisation, None when he no longer belongs to it."""
        role = (
            Membership.objects.filter(user=self.user, organisation=self.organisation)
            .values_list("role", flat=True)
            .first()
        )
        return OrganisationRole(role) if role else None

    @property
    def is_organisation_admin(self) -> bool:
        """Whether the person administers the organisation."""
        return self.role == OrganisationRole.ADMIN

    def require_organisation_admin(self) -> None:
        """Raise NotAllowed unless the person administers the organisation."""
        if not self.is_organisation_admin:
            raise NotAllowed("Only an administrator of the organisation may do this.")
