"""Models of the integrations app."""

from integrations.models.integration import Integration

__all__ = ["Integration"]
