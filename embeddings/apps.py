"""The embeddings app."""

from django.apps import AppConfig


class EmbeddingsConfig(AppConfig):
    """Configuration of the embeddings app."""

    name = "embeddings"
