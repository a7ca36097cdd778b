"""Background work of the folders app, and who sees jobs that work on folders."""

from typing import Any, cast

from django.db.models import Q

from accounts.actor import Actor
from core.actors import ActorLike
from core.jobs import JobRun, handler, register_visibility
from folders.models import Folder
from folders.services.bulk import BULK_JOB_KIND, change_items
from folders.services.deletion import FILES_JOB_KIND, remove_files
from folders.services.import_runs import JOB_KIND as IMPORT_JOB_KIND
from folders.services.import_runs import MAX_ATTEMPTS, run_import
from folders.services.moves import FOLLOW_JOB_KIND, follow_folder
from folders.services.processing import JOB_KIND, process_folder
from folders.services.removal import REMOVE_JOB_KIND, remove_folder
from folders.services.text_vectors import JOB_KIND as TEXTS_JOB_KIND
from folders.services.text_vectors import run_conversion
from folders.services.unit_changes import UNITS_JOB_KIND, change_units
from folders.services.value_index import JOB_KIND as INDEX_JOB_KIND
from folders.services.value_index import index_values


# Each crash of a worker costs one of few tries of one item, so a job gets many.
@handler(JOB_KIND, queue="media", max_attempts=20)
def run_process_folder(run: JobRun) -> dict[str, Any]:
    """Read the media that waits in a folder."""
    return process_folder(run)


@handler(FILES_JOB_KIND, queue="media")
def run_remove_files(run: JobRun) -> None:
    """Remove the files of deleted items."""
    remove_files(run)


@handler(IMPORT_JOB_KIND, max_attempts=MAX_ATTEMPTS, repeatable=False)
def run_bulk_import(run: JobRun) -> dict[str, Any]:
    """Check a file and write what it holds."""
    return run_import(run)


# What was deleted or moved is so already for everybody: the work must come to its end.
@handler(REMOVE_JOB_KIND, max_attempts=100)
def run_remove_folder(run: JobRun) -> dict[str, int]:
    """Remove what a deleted folder holds."""
    return remove_folder(run)


@handler(FOLLOW_JOB_KIND, max_attempts=100)
def run_follow_folder(run: JobRun) -> dict[str, int]:
    """Take the units of a moved folder to its new root."""
    return follow_folder(run)


# Each run goes on behind the last batch of the one before.
@handler(INDEX_JOB_KIND, max_attempts=100)
def run_index_values(run: JobRun) -> dict[str, Any]:
    """Bring the index of typed values up to the schema."""
    return index_values(run)


@handler(TEXTS_JOB_KIND, max_attempts=20)
def run_convert_texts(run: JobRun) -> dict[str, Any]:
    """Turn texts under an embedding key into vectors."""
    return run_conversion(run)


@handler(BULK_JOB_KIND, max_attempts=20)
def run_change_items(run: JobRun) -> dict[str, int]:
    """Move, delete or edit the items of a selection."""
    return change_items(run)


@handler(UNITS_JOB_KIND, max_attempts=20)
def run_change_units(run: JobRun) -> dict[str, Any]:
    """Move, delete or edit the units of a selection."""
    return change_units(run)


@register_visibility
def visible_by_folder(actor: ActorLike) -> Q:
    """Jobs that work on a folder which the person sees."""
    return Q(folder_id__in=Folder.objects.visible_to(cast("Actor", actor)).values("pk"))
