"""The folders app."""

from django.apps import AppConfig


class FoldersConfig(AppConfig):
    """Configuration of the folders app."""

    name = "folders"
