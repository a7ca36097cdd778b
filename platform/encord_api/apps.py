"""The encord_api app."""

from django.apps import AppConfig


class EncordApiConfig(AppConfig):
    """Configuration of the encord_api app."""

    name = "encord_api"
