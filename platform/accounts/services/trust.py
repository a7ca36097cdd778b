"""Whose account is it? Whoever made one for somebody else may still know its password.

An account is its owner's beyond doubt once something that only he can read has led into it: the
link of an invitation that was mailed, or of a new password. allauth keeps that with the address.
"""

from allauth.account.models import EmailAddress

from accounts.models import Organisation, User
from core.models import AuditEvent


def has_proven_mailbox(user: User) -> bool:
    """Whether the person has shown that he reads the mails of his address."""
    proven = EmailAddress.objects.filter(user=user, email=user.email, verified=True)
    return bool(proven.exists())


def note_proven_mailbox(user: User) -> None:
    """Remember that the person reads the mails of his address."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def is_known_in(organisation: Organisation, user: User) -> bool:
    """Whether the person belongs, or once belonged, to the organisation."""
    if organisation.memberships.filter(user=user).exists():
        return True
    past = AuditEvent.objects.filter(
        organisation=organisation, action__startswith="member.", target_id=str(user.pk)
    )
    return past.exists()
