"""What the operators of the server do for organisations that need not be theirs."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership, Organisation, User
from accounts.services.organisations import create_organisation
from core.errors import Conflict, NotAllowed
from core.services.audit import record, record_of_server


@transaction.atomic
def found_organisation(*, operator: User, name: str, administrator: User) -> Organisation:
    """Make an organisation for somebody.

    Raises:
        NotAllowed: the caller is no operator.
        InvalidInput: the name is empty or too long.
    """
    _require_operator(operator)
    organisation = create_organisation(user=administrator, name=name)
    record(
        actor=Actor(user=operator, organisation=organisation),
        action="organisation.founded",
        target=organisation,
        data={"administrator": str(administrator.pk)},
    )
    return organisation


@transaction.atomic
def let_in(*, actor: Actor, user: User, role: OrganisationRole) -> Membership:
    """Let a person into the organisation that the operator acts for.

    Raises:
        NotAllowed: the caller is no operator.
        Conflict: the person belongs to it already.
    """
    _require_operator(actor.user)
    membership, created = Membership.objects.get_or_create(
        organisation=actor.organisation, user=user, defaults={"role": role}
    )
    if not created:
        raise Conflict(f"{user.email} belongs to the organisation already.", code="already_member")
    record(actor=actor, action="member.added", target=user, data={"role": role})
    return membership


@transaction.atomic
def set_active(*, operator: User, user: User, active: bool) -> None:
    """Keep a person out of the whole server, sessions ended, or let him in again.

    Raises:
        NotAllowed: the caller is no operator.
        Conflict: he would keep himself out.
    """
    _require_operator(operator)
    if user.pk == operator.pk:
        raise Conflict("You cannot keep yourself out.", code="yourself")
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        for session in UserSession.objects.filter(user=user):
            session.end()
    action = "person.activated" if active else "person.deactivated"
    organisations = list(Organisation.objects.filter(memberships__user=user))
    for organisation in organisations:
        actor = Actor(user=operator, organisation=organisation)
        record(actor=actor, action=action, target=user)
    if not organisations:
        record_of_server(operator=operator, action=action, target=user)


def _require_operator(user: User) -> None:
    """Raise NotAllowed unless the person operates the server."""
    if not (user.is_active and user.is_superuser):
        raise NotAllowed("Only the operators of this server may do this.")
