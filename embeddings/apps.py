"""The embeddings app."""

from django.apps import AppConfig


class EmbeddingsConfig(AppConfig):
    """Configuration of the embeddings app."""

    name = "embeddings"

    def ready(self) -> None:
        """Hang into the hooks of the apps below."""
        from embeddings.registrations import register

        register()
