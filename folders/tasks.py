"""Celery tasks of the folders app that are no jobs."""

from uuid import UUID

from celery import shared_task

from folders.services import (
    bulk,
    import_runs,
    moves,
    processing,
    removal,
    selected_items,
    selected_units,
    unit_changes,
    upload_expiry,
)


@shared_task(name="folders.tend_uploads", expires=600)
def tend_uploads() -> None:
    """Finish uploads that were left complete; remove those, and dry runs, that have expired."""
    upload_expiry.finish_left_uploads()
    upload_expiry.remove_expired_uploads()
    import_runs.end_forgotten_imports()


@shared_task(name="folders.resume_tree_work", expires=60)
def resume_tree_work() -> None:
    """Begin removals and moves of folders anew whose jobs ended early; forget old selections."""
    removal.resume_removals()
    moves.resume_moves()
    selected_items.forget_ended(bulk.BULK_JOB_KIND)
    selected_units.forget_ended_units(unit_changes.UNITS_JOB_KIND)


@shared_task(name=processing.HELPER_TASK)
def help_reading(job_id: str) -> None:
    """Help with the reading of a folder's media; one that comes too late finds nothing to do."""
    processing.help_reading(UUID(job_id))
