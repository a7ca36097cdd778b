"""Invitations: sent, sent anew, revoked, accepted."""

import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.constants import INVITATION_LIFETIME, OPEN_INVITATIONS
from accounts.models import Invitation, Membership, Organisation, User
from accounts.services.people import check_email, create_person
from accounts.services.trust import has_proven_mailbox, is_known_in, note_proven_mailbox
from accounts.tokens import token_digest
from core.errors import Conflict, NotFound
from core.services.audit import record


@transaction.atomic
def invite(
    *, actor: Actor, email: str, role: OrganisationRole = OrganisationRole.MEMBER
) -> tuple[Invitation, str]:
    """Invite an address into the actor's organisation.

    Returns:
        The invitation, and the secret of its link, which cannot be had again.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        InvalidInput: the address is no e-mail address.
        Conflict: its owner is a member, has an open invitation, or too many are open.
    """
    actor.require_organisation_admin()
    email = check_email(email)
    # Two invitations of one address at once: the second sees the first.
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation_id)
    if actor.organisation.memberships.filter(user__email=email).exists():
        raise Conflict(f"{email} belongs to the organisation already.", code="already_member")
    waiting = Invitation.objects.visible_to(actor).open()
    if waiting.filter(email=email).exists():
        raise Conflict(f"{email} is invited already. Send that one again.", code="already_invited")
    if waiting.count() >= OPEN_INVITATIONS:
        raise Conflict("Too many invitations are open. Revoke those that nobody will accept.")
    secret, columns = _draw()
    invitation = Invitation.objects.create(
        organisation=actor.organisation,
        email=email,
        role=role,
        invited_by=actor.user,
        **columns,
    )
    _record(actor, "invitation.sent", invitation)
    return invitation, secret


@transaction.atomic
def renew_invitation(*, actor: Actor, invitation: Invitation) -> tuple[Invitation, str]:
    """Draw another link that is good for the whole time again; the earlier one opens nothing.

    Raises:
        NotAllowed: the actor does not administer the organisation.
        NotFound: the invitation is not open any more.
    """
    actor.require_organisation_admin()
    secret, columns = _draw()
    open_ones = Invitation.objects.visible_to(actor).open()
    # The link speaks for whoever sends it now.
    sender = {"invited_by": actor.user, "updated_at": timezone.now()}
    if not open_ones.filter(pk=invitation.pk).update(**columns, **sender):
        raise _gone()
    invitation.refresh_from_db()
    _record(actor, "invitation.sent_again", invitation)
    return invitation, secret


@transaction.atomic
def revoke_invitation(*, actor: Actor, invitation: Invitation) -> None:
    """Make the link useless; revoking twice is once.

    Raises:
        NotAllowed: the actor does not administer the organisation.
    """
    actor.require_organisation_admin()
    open_ones = Invitation.objects.visible_to(actor).open()
    if open_ones.filter(pk=invitation.pk).update(revoked_at=timezone.now()):
        _record(actor, "invitation.revoked", invitation)


def find_invitation(secret: str) -> Invitation:
    """The invitation that the link opens.

    Raises:
        NotFound: there is none, or it was accepted, revoked, sent anew, or is out of date.
    """
    digest = token_digest(secret, settings.API_TOKEN_PEPPER)
    found = Invitation.objects.open().filter(digest=digest, expires_at__gt=timezone.now())
    invitation = found.select_related("organisation", "invited_by").first()
    if invitation is None:
        raise _gone()
    return invitation


@transaction.atomic
def accept_as_new_person(*, secret: str, name: str, password: str) -> User:
    """Make the account of the invited address and let it in.

    Raises:
        NotFound: the link opens nothing any more.
        InvalidInput: name or password is not acceptable.
        Conflict: somebody has the address; he signs in first.
    """
    invitation = find_invitation(secret)
    user = create_person(email=invitation.email, password=password, name=name)
    if invitation.by_mail:
        note_proven_mailbox(user)
    _join(invitation, user)
    return user


@transaction.atomic
def accept_invitation(*, secret: str, user: User) -> Membership:
    """Let the signed-in person in whom the invitation names.

    Raises:
        NotFound: the link opens nothing any more, or is for somebody else.
        Conflict: the account may not be its owner's: see accounts.services.trust.
    """
    invitation = find_invitation(secret)
    if invitation.email != user.email:
        raise _gone()
    if not may_accept(invitation, user):
        raise Conflict(
            "Show first that this address is yours: sign out and set a new password by e-mail.",
            code="mailbox_not_proven",
        )
    return _join(invitation, user)


def may_accept(invitation: Invitation, user: User) -> bool:
    """Whether the account is its owner's beyond doubt, known here, or the operator's choice."""
    sender = invitation.invited_by
    return (
        has_proven_mailbox(user)
        or is_known_in(invitation.organisation, user)
        or (sender is not None and sender.is_superuser)
    )


def _join(invitation: Invitation, user: User) -> Membership:
    """Close the invitation and make the membership, once."""
    closed = Invitation.objects.open().filter(pk=invitation.pk, digest=invitation.digest)
    if not closed.update(accepted_at=timezone.now(), updated_at=timezone.now()):
        raise _gone()
    membership, created = Membership.objects.get_or_create(
        organisation=invitation.organisation, user=user, defaults={"role": invitation.role}
    )
    if created:
        actor = Actor(user=user, organisation=invitation.organisation)
        data = {"role": invitation.role, "invitation": str(invitation.pk)}
        record(actor=actor, action="member.joined", target=user, data=data)
    return membership


def _draw() -> tuple[str, dict[str, object]]:
    """Return the secret of a link, and the columns that go with it."""
    secret, now = secrets.token_urlsafe(32), timezone.now()
    return secret, {
        "digest": token_digest(secret, settings.API_TOKEN_PEPPER),
        "by_mail": settings.MAIL_IS_DELIVERED,
        "sent_at": now,
        "expires_at": now + INVITATION_LIFETIME,
    }


def _record(actor: Actor, action: str, invitation: Invitation) -> None:
    data = {"email": invitation.email, "role": invitation.role}
    record(actor=actor, action=action, target=invitation, data=data)


def _gone() -> NotFound:
    return NotFound(
        "This invitation is not valid any more: it was accepted, revoked, sent anew, or is out of "
        "date. Ask whoever invited you for another one."
    )
