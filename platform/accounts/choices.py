"""Choices of the accounts app."""

from django.db import models


class OrganisationRole(models.TextChoices):
    """What a person is in an organisation."""

    ADMIN = "admin"
    MEMBER = "member"


class TokenScope(models.TextChoices):
    """What an API token may do."""

    READ = "read"
    WRITE = "write"


class AttemptKind(models.TextChoices):
    """What somebody attempted."""

    SIGN_IN = "sign_in"
    RESET = "reset"
    CODE = "code"
