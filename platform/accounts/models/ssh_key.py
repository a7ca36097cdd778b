"""Public keys that sign SDK requests."""

from django.db import models
from django.db.models import Q

from core.models import TimestampedModel, UUIDModel


class SSHKey(UUIDModel, TimestampedModel):
    """An Ed25519 public key of a person; revoked keys stay for the record."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="ssh_keys")
    name = models.CharField(max_length=150)
    # The OpenSSH line without its comment: "ssh-ed25519 AAAA…".
    public_key = models.TextField()
    # Lower-case hex SHA-256 of the raw 32 bytes, by which a signature finds its key.
    fingerprint = models.CharField(max_length=64)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(revoked_at=None),
                name="ssh_key_is_unique_while_active",
            )
        ]

    def __str__(self) -> str:
        return self.name
