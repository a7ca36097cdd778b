"""The integrations app."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Configuration of the integrations app."""

    name = "integrations"
