"""Celery tasks of the embeddings app that are no jobs."""

from celery import shared_task

from embeddings.services.history import prune_history


@shared_task(name="embeddings.prune_history", expires=3600)
def prune_old_changes() -> None:
    """Forget changes of vectors that are older than a week."""
    prune_history()
