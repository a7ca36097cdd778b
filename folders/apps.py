"""The folders app."""

from importlib import import_module

from django.apps import AppConfig


class FoldersConfig(AppConfig):
    """Configuration of the folders app."""

    name = "folders"

    def ready(self) -> None:
        """Register the handlers of jobs."""
        import_module("folders.jobs")
