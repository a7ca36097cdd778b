"""Bearer tokens of the REST API."""

from django.db import models
from django.utils import timezone

from accounts.choices import TokenScope
from accounts.querysets import ApiTokenQuerySet
from core.models import TimestampedModel, UUIDModel


class ApiToken(UUIDModel, TimestampedModel):
    """A token of one person for one organisation. The secret is shown once and never stored."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="api_tokens")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=150)
    # Public part of the token, by which it is found.
    key_id = models.CharField(max_length=16, unique=True)
    # HMAC-SHA-256 of the secret part, keyed with API_TOKEN_PEPPER.
    digest = models.CharField(max_length=64)
    scope = models.CharField(max_length=10, choices=TokenScope, default=TokenScope.READ)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_usable(self) -> bool:
        """Neither revoked nor expired."""
        if self.revoked_at is not None:
            return False
        return self.expires_at is None or self.expires_at > timezone.now()
