"""Bearer tokens that an SSH key's owner is given for an hour.

They are signed, not stored, and name the key: revoking the key ends them.
"""

from datetime import timedelta
from uuid import UUID

from django.core import signing

from accounts.actor import Actor
from accounts.models import SSHKey
from accounts.services.actors import key_actor

LIFETIME = timedelta(hours=1)
_PREFIX = "kindred-key."
_SALT = "accounts.key_tokens"


def issue_key_token(key: SSHKey) -> str:
    """A token that speaks for the key's owner as his signature does."""
    return _PREFIX + signing.dumps(key.pk.hex, salt=_SALT)


def key_token_actor(text: str) -> Actor | None:
    """Whom a token speaks for; None when it is none of these, expired, or its key revoked."""
    if not text.startswith(_PREFIX):
        return None
    try:
        pk = UUID(signing.loads(text[len(_PREFIX) :], salt=_SALT, max_age=LIFETIME))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    keys = SSHKey.objects.select_related("user", "organisation").filter(revoked_at=None)
    key = keys.filter(pk=pk).first()
    return key_actor(key) if key is not None else None
