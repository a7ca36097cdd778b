"""A new password for somebody who read the mail of his address."""

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.choices import AttemptKind
from accounts.models import ApiToken, Membership, SignInAttempt, SSHKey, User
from accounts.services.people import check_password_strength
from accounts.services.trust import note_proven_mailbox
from core.services.audit import record


@transaction.atomic
def recover_account(*, user: User, password: str) -> None:
    """Set the password and end every other way in: sessions, SSH keys and API tokens.

    Whoever had got hold of the account before is out; its owner starts with clean hands.

    Raises:
        InvalidInput: the password is too weak.
    """
    check_password_strength(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    now = timezone.now()
    keys = SSHKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    tokens = ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    SignInAttempt.objects.filter(email=user.email, kind=AttemptKind.SIGN_IN).delete()
    note_proven_mailbox(user)
    for membership in Membership.objects.filter(user=user).select_related("organisation"):
        record(
            actor=Actor(user=user, organisation=membership.organisation),
            action="person.password_reset",
            target=user,
            data={"ssh_keys_revoked": keys, "api_tokens_revoked": tokens},
        )
