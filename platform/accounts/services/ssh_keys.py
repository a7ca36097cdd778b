"""SSH public keys: added, revoked, found by a signature's key id."""

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.constants import LAST_USED_INTERVAL, SSH_KEYS_PER_PERSON
from accounts.models import SSHKey
from accounts.services.validation import NAME_LENGTH, clean_name
from accounts.ssh_keys import parse_public_key
from core.errors import Conflict, FieldError, InvalidInput
from core.services.audit import record


@transaction.atomic
def add_ssh_key(*, actor: Actor, public_key: str, name: str = "") -> SSHKey:
    """Save an Ed25519 public key of the actor, for calls in the organisation that he works in.

    Without a name, the key's comment names it.

    Raises:
        InvalidInput: it is no Ed25519 public key, or somebody uses it already: a signature must
            tell who signed.
        Conflict: the person has too many keys.
    """
    parsed = parse_public_key(public_key)
    name = clean_name(name or parsed.comment[:NAME_LENGTH] or "SSH key")
    if SSHKey.objects.filter(user=actor.user, revoked_at=None).count() >= SSH_KEYS_PER_PERSON:
        raise Conflict("You have too many SSH keys. Remove those that you no longer use.")
    key = SSHKey(
        user=actor.user,
        organisation=actor.organisation,
        name=name,
        public_key=parsed.line,
        key_id=parsed.key_id,
    )
    # ON CONFLICT: whoever comes first has the key, without a broken transaction for the other.
    SSHKey.objects.bulk_create([key], ignore_conflicts=True)
    if not SSHKey.objects.filter(pk=key.pk).exists():
        problem = FieldError("public_key", "This key is in use already.", code="in_use")
        raise InvalidInput(errors=[problem])
    record(actor=actor, action="ssh_key.added", target=key, data={"key_id": key.key_id})
    return key


@transaction.atomic
def revoke_ssh_key(*, actor: Actor, key: SSHKey) -> SSHKey:
    """Make the key useless; the same key may be added anew. Revoking twice is once."""
    revoked = SSHKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    if revoked:
        record(actor=actor, action="ssh_key.revoked", target=key, data={"key_id": key.key_id})
    key.refresh_from_db()
    return key


def find_ssh_key(*, key_id: str) -> SSHKey | None:
    """The living key of an active person, None when there is none; notes the use."""
    key = (
        SSHKey.objects.select_related("user", "organisation")
        .filter(key_id=key_id, revoked_at=None, user__is_active=True)
        .first()
    )
    now = timezone.now()
    if key is not None and (
        key.last_used_at is None or key.last_used_at < now - LAST_USED_INTERVAL
    ):
        SSHKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key
