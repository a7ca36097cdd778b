"""Public keys that sign SDK requests."""

from base64 import b64decode, b64encode
from hashlib import sha256

from django.db import models
from django.db.models import Q

from accounts.querysets import SSHKeyQuerySet
from core.models import TimestampedModel, UUIDModel


class SSHKey(UUIDModel, TimestampedModel):
    """An Ed25519 public key of a person; revoked keys stay for the record."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="ssh_keys")
    # In which the key's calls act: the one that its owner worked in when he added it. Null for keys
    # that are older than this column: his first.
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, null=True, related_name="+"
    )
    name = models.CharField(max_length=150)
    # The OpenSSH line without its comment: "ssh-ed25519 AAAA…".
    public_key = models.TextField()
    # Lower-case hex of the raw 32 bytes: the key id that signatures of the SDK carry.
    key_id = models.CharField(max_length=64)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = SSHKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key_id"],
                condition=Q(revoked_at=None),
                name="ssh_key_is_unique_while_active",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def fingerprint(self) -> str:
        """What `ssh-keygen -l` prints: SHA256 and the digest of the key in base64."""
        digest = sha256(b64decode(self.public_key.split()[1])).digest()
        return f"SHA256:{b64encode(digest).decode().rstrip('=')}"
