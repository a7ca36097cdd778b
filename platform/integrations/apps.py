"""The integrations app."""

from importlib import import_module

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Configuration of the integrations app."""

    name = "integrations"

    def ready(self) -> None:
        """Every organisation gets its integration for web addresses with its first moment."""
        hooks = import_module("accounts.hooks")
        services = import_module("integrations.services.integrations")
        hooks.on_organisation_created.append(services.default_integration)
