"""The collections_app app."""

from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    """Configuration of the collections_app app."""

    name = "collections_app"
