"""Celery tasks of the embeddings app that are no jobs."""

from celery import shared_task

from embeddings.services.history import prune_history
from embeddings.services.index_following import tend_indexes


@shared_task(name="embeddings.prune_history", expires=3600)
def prune_old_changes() -> None:
    """Forget changes of vectors that are older than a week."""
    prune_history()


@shared_task(name="embeddings.tend_indexes", expires=600)
def tend_all_indexes() -> None:
    """Bring indexes up to date that lag behind by little, and end those that nobody builds."""
    tend_indexes()
