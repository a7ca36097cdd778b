"""Organisations and who belongs to them."""

import secrets

from django.db import transaction
from django.utils import timezone

from accounts import hooks
from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import ApiToken, Membership, Organisation, Team, User
from accounts.services.people import create_person
from accounts.services.trust import is_known_in
from accounts.services.validation import clean_name
from core.errors import Conflict, FieldError, InvalidInput, NotFound
from core.services.audit import record


@transaction.atomic
def create_organisation(*, user: User, name: str) -> Organisation:
    """Make an organisation; the person becomes its first administrator.

    Raises:
        InvalidInput: the name is empty or too long.
    """
    organisation = Organisation.objects.create(name=clean_name(name))
    Membership.objects.create(organisation=organisation, user=user, role=OrganisationRole.ADMIN)
    actor = Actor(user=user, organisation=organisation)
    record(actor=actor, action="organisation.created", target=organisation, data={"name": name})
    for created in hooks.on_organisation_created:
        created(organisation)
    return organisation


@transaction.atomic
def rename_organisation(*, actor: Actor, name: str) -> Organisation:
    """Give the actor's organisation another name.

    Raises:
        NotAllowed: the actor does not administer it.
        InvalidInput: the name is empty or too long.
    """
    actor.require_organisation_admin()
    organisation = actor.organisation
    organisation.name = clean_name(name)
    organisation.save(update_fields=["name", "updated_at"])
    record(
        actor=actor,
        action="organisation.renamed",
        target=organisation,
        data={"name": organisation.name},
    )
    return organisation


@transaction.atomic
def add_member(
    *,
    actor: Actor,
    email: str = "",
    user: User | None = None,
    role: OrganisationRole = OrganisationRole.MEMBER,
    name: str = "",
) -> tuple[Membership, str]:
    """Let a person into the actor's organisation, by e-mail address or as a row.

    An address that nobody has yet makes a new person with a drawn password, which the
    administrator hands over; the person changes it after the first sign-in. Since whoever handed
    a password over may still know it, an account that another organisation brought here is let in
    by the operator of the server alone: else its first administrator could follow it in.

    Returns:
        The membership, and the new person's password ("" when there was such a person).

    Raises:
        NotAllowed: the actor does not administer the organisation.
        InvalidInput: the address is no e-mail address.
        Conflict: the person belongs to the organisation already, or came with another one.
    """
    actor.require_organisation_admin()
    password = ""
    user = user or User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        _require_own_person(actor, user)
    else:
        password = secrets.token_urlsafe(12)
        user = create_person(email=email, password=password, name=name)
    membership, created = Membership.objects.get_or_create(
        organisation=actor.organisation, user=user, defaults={"role": role}
    )
    if not created:
        raise Conflict(f"{user.email} belongs to the organisation already.", code="already_member")
    record(actor=actor, action="member.added", target=user, data={"role": role})
    return membership, password


@transaction.atomic
def change_member_role(*, actor: Actor, membership: Membership, role: OrganisationRole) -> None:
    """Make a member an administrator, or an administrator a member.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        Conflict: nobody would administer it any more.
        NotFound: the membership has just ended.
    """
    actor.require_organisation_admin()
    _lock(membership)
    if role != OrganisationRole.ADMIN:
        _require_another_admin(membership)
    membership.role = role
    membership.save(update_fields=["role", "updated_at"])
    record(actor=actor, action="member.role_changed", target=membership.user, data={"role": role})


@transaction.atomic
def hand_over(*, actor: Actor, membership: Membership, heir: Membership) -> dict[str, int]:
    """Make another member the owner of what a member holds in the organisation.

    Returns:
        How many of each kind of thing there were, by noun.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        InvalidInput: they are the same person, or belong to different organisations.
        NotFound: one of the memberships has just ended.
    """
    actor.require_organisation_admin()
    if heir.user_id == membership.user_id or heir.organisation_id != membership.organisation_id:
        problem = FieldError("heir", "Name another member of the organisation.", code="not_an_heir")
        raise InvalidInput(errors=[problem])
    _lock(membership)
    _lock(heir)
    counts = count_belongings(membership)
    for thing in hooks.belongings:
        thing.hand_over(membership.organisation, membership.user, heir.user)
    data = {"to": str(heir.user_id), **counts}
    record(actor=actor, action="member.belongings_handed_over", target=membership.user, data=data)
    return counts


def count_belongings(membership: Membership) -> dict[str, int]:
    """How many of each kind of thing the member holds in the organisation, by noun."""
    return {
        thing.noun: thing.count(membership.organisation, membership.user)
        for thing in hooks.belongings
    }


@transaction.atomic
def remove_member(*, actor: Actor, membership: Membership, heir: Membership | None = None) -> None:
    """End a membership, with the person's tokens, teams and grants there; members may leave.

    Jobs that he started ask for his role again as they go on, and end when it is gone.

    Args:
        actor: an administrator, or the member himself.
        membership: the one to end.
        heir: whom what he holds becomes, if an administrator names somebody.

    Raises:
        NotAllowed: the actor neither administers the organisation nor leaves it himself.
        Conflict: nobody would administer it any more.
        NotFound: the membership has just ended.
    """
    if membership.user_id != actor.user.pk:
        actor.require_organisation_admin()
    if heir is not None:
        hand_over(actor=actor, membership=membership, heir=heir)
    _lock(membership)
    _require_another_admin(membership)
    organisation, user = membership.organisation, membership.user
    ApiToken.objects.filter(user=user, organisation=organisation, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    Team.members.through.objects.filter(user=user, team__organisation=organisation).delete()
    for removed in hooks.on_member_removed:
        removed(organisation, user)
    membership.delete()
    record(actor=actor, action="member.removed", target=user)


def _require_own_person(actor: Actor, user: User) -> None:
    """Raise Conflict unless the person is or was of the organisation, or the operator asks."""
    if not actor.user.is_superuser and not is_known_in(actor.organisation, user):
        raise Conflict(
            "This address belongs to somebody of another organisation on this server. "
            "Only the operator of the server can let him in.",
            code="person_of_another_organisation",
        )


def _lock(membership: Membership) -> None:
    """Hold the organisation, then the membership, until the end of the transaction.

    The first keeps two administrators from removing each other at once, and lets rows that refer
    to the organisation be written; the second keeps folders from being shared with who leaves.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=membership.organisation_id)
    if not Membership.objects.select_for_update().filter(pk=membership.pk):
        raise NotFound("This person does not belong to the organisation any more.")


def _require_another_admin(membership: Membership) -> None:
    """Raise Conflict if nobody else administers the organisation; call it under _lock."""
    others = Membership.objects.filter(
        organisation=membership.organisation_id, role=OrganisationRole.ADMIN
    ).exclude(pk=membership.pk)
    is_admin = Membership.objects.filter(pk=membership.pk, role=OrganisationRole.ADMIN).exists()
    if is_admin and not others.exists():
        raise Conflict("An organisation needs an administrator.", code="last_administrator")
