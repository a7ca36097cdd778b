"""Celery tasks of the collections app that are no jobs."""

from celery import shared_task

from collections_app.services import exports


@shared_task(name="collections.remove_expired_exports", expires=600)
def remove_expired_exports() -> None:
    """Remove files that nobody fetched for a day."""
    exports.remove_expired_exports()
