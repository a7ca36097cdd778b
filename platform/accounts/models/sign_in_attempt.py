"""Failed attempts to sign in, and mails asked for."""

from django.db import models

from accounts.choices import AttemptKind


class SignInAttempt(models.Model):
    """An attempt that has not succeeded; gone when it did, or when it is old."""

    kind = models.CharField(max_length=10, choices=AttemptKind, default=AttemptKind.SIGN_IN)

    # In lower case, whether there is such a person or not.
    email = models.CharField(max_length=254)
    client = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["email", "at"], name="sign_in_attempt_by_email"),
            models.Index(fields=["client", "at"], name="sign_in_attempt_by_client"),
        ]

    def __str__(self) -> str:
        return f"{self.email} from {self.client}"
