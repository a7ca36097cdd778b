"""Where apps above integrations take part; each registers in AppConfig.ready."""

from collections.abc import Callable

from integrations.models import Integration

# How many things are read through an integration, and so keep it from being deleted.
counters: list[Callable[[Integration], int]] = []
