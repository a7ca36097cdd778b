"""The stack app: it only carries the `up` command."""

from django.apps import AppConfig


class StackConfig(AppConfig):
    """Configuration of the stack app."""

    name = "stack"
