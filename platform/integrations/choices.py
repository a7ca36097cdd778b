"""Choices of the integrations app."""

from django.db import models


class Provider(models.TextChoices):
    """Where objects are fetched from."""

    HTTPS = "https", "Web addresses (HTTPS)"
    S3 = "s3", "S3-compatible storage"
    DIRECTORY = "directory", "Directory on the server"
