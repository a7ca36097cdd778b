"""The console app."""

from importlib import import_module

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Configuration of the console app."""

    name = "console"

    def ready(self) -> None:
        """Put what the console shows into its site."""
        import_module("console.admin")
