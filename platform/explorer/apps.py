"""The explorer app."""

from django.apps import AppConfig


class ExplorerConfig(AppConfig):
    """Configuration of the explorer app."""

    name = "explorer"
