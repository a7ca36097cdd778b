"""The portal app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Configuration of the portal app."""

    name = "portal"
