"""The job of an import: check, write, and remove again what an import wrote that does not end well.

Nothing of an import that fails or is cancelled stays. Errors that the check finds stop it before
anything is written, unless wrong entries are to be left out. New rows are written in batches, and
removed again batch by batch; whatever changes things that were there before goes last, in one
transaction (see folders.imports.registry.Importer).
"""

from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.models import Organisation
from core.errors import DomainError, FieldError, InvalidInput, NotAllowed
from core.jobs import JobCancelled, JobLost, JobRun
from folders.choices import FolderRole, ImportState
from folders.constants import BATCH_SIZE
from folders.imports.errors import ErrorLog
from folders.imports.registry import Importer, get_importer
from folders.imports.report import Report
from folders.imports.run import ImportRun, errors_key
from folders.imports.storable import storable_text
from folders.models import Import
from folders.permissions import require_role

JOB_KIND = "folders.import"
# A worker that is killed costs one; the import goes on from its checkpoint.
MAX_ATTEMPTS = 20
# The surroundings failed, not the import: the job is begun again.
_PASSING = (OperationalError, InterfaceError, ConnectionError, TimeoutError)


def run_import(job: JobRun) -> dict[str, Any]:
    """Check and write, or remove again; the job's handler."""
    row = Import.objects.select_related("folder").filter(pk=job.payload["import"]).first()
    if row is None:
        return {}
    if row.has_ended:
        # Killed between its last batch and the removal of its file.
        _drop_source(row)
        return {}
    importer = get_importer(row.kind)
    run = ImportRun(row=row, job=job, actor=_actor_of(job, row))
    try:
        if job.payload.get("undo"):
            _undo(importer, run, ImportState.CANCELLED)
            return {}
        _carry_on(importer, run)
    finally:
        run.errors.close()
    return {"import": str(row.pk), "state": row.state, "errors": row.error_count}


def _carry_on(importer: Importer, run: ImportRun) -> None:
    """Go through the states; whatever ends them early removes what was written."""
    try:
        require_role(run.actor, run.folder, FolderRole.EDITOR)
        if run.row.state == ImportState.CHECKING:
            _check(importer, run)
        if run.row.state == ImportState.WRITING:
            _write(importer, run)
    except JobCancelled:
        _undo(importer, run, ImportState.CANCELLED)
        raise
    except DomainError as error:
        _undo(importer, run, ImportState.FAILED, error.message)
        raise
    except _PASSING:
        if run.job.row.attempts >= MAX_ATTEMPTS:
            _undo(importer, run, ImportState.FAILED, "A part of the platform did not answer.")
        raise
    except Exception:
        reason = "Something went wrong on our side; it stands in the server's log."
        _undo(importer, run, ImportState.FAILED, reason)
        raise


def _check(importer: Importer, run: ImportRun) -> None:
    """checking -> checked, and on to writing where nothing is in the way."""
    row = run.row
    importer.check(run)
    row.report = run.report.as_dict()
    row.error_count = run.errors.count
    row.errors = run.errors.first
    if run.errors.count:
        row.errors_key = run.errors.save(errors_key(row))
    run.errors.close()
    run.errors = ErrorLog()
    row.state = ImportState.CHECKED
    if not row.dry_run:
        if row.error_count and not run.ignore_errors:
            _save_check(row)
            raise InvalidInput(
                f"{error_sentence(row.error_count)} Nothing was imported.",
                code="invalid_import",
                errors=[_field_error(error) for error in row.errors],
            )
        row.state = ImportState.WRITING
    _save_check(row)


def _save_check(row: Import) -> None:
    columns = ["state", "report", "error_count", "errors", "errors_key", "items_key", "updated_at"]
    row.save(update_fields=columns)


def _write(importer: Importer, run: ImportRun) -> None:
    """writing -> done."""
    run.report = Report.from_dict(run.row.report)
    importer.write(run)
    if run.row.state != ImportState.DONE:
        with run.batch(run.checkpoint, last=True):
            pass
    _drop_source(run.row)


def _undo(importer: Importer, run: ImportRun, state: ImportState, reason: str = "") -> None:
    """Remove what was written; the run goes on to its end even if it was cancelled."""
    # Done with its last batch: what was raised after it cannot take that back.
    if run.row.state == ImportState.DONE:
        return
    if not run.owns_job():
        raise JobLost(f"Import {run.row.pk} is carried out by another run.")
    if importer.undo is not None and run.row.state == ImportState.WRITING:
        importer.undo(run)
    end_import(run.row, state, reason)


def _field_error(stored: dict[str, Any]) -> FieldError:
    names = ("path", "message", "code", "expected", "found")
    return FieldError(**{name: stored[name] for name in names if name in stored})


def end_forgotten_imports() -> int:
    """Cancel dry runs that nobody has carried out in time, whose files take space; how many."""
    old = Import.objects.filter(
        state=ImportState.CHECKED, updated_at__lt=Now() - settings.UPLOAD_EXPIRY
    )
    ended = 0
    for row_id in list(old.values_list("pk", flat=True)[:BATCH_SIZE]):
        with transaction.atomic():
            row = old.select_for_update(skip_locked=True).filter(pk=row_id).first()
            if row is not None:
                end_import(row, ImportState.CANCELLED, "Nobody carried the dry run out in time.")
                ended += 1
    return ended


def about(row: Import) -> dict[str, Any]:
    """What the audit says of an import."""
    return {"file": row.file_name, "kind": row.kind, "folder": str(row.folder_id)}


def error_sentence(count: int) -> str:
    """How many errors there are."""
    return "1 value is not valid." if count == 1 else f"{count:,} values are not valid."


def end_import(row: Import, state: ImportState, reason: str = "") -> None:
    """Set the last state, and remove the file when the transaction commits."""
    row.state, row.failure = state, storable_text(reason)
    row.save(update_fields=["state", "failure", "updated_at"])
    transaction.on_commit(partial(_drop_source, row))


def _drop_source(row: Import) -> None:
    """The files are not needed any more; their errors are."""
    if not (row.storage_key or row.side_key):
        return
    for key in filter(None, (row.storage_key, row.side_key)):
        default_storage.delete(key)
    Import.objects.filter(pk=row.pk).update(storage_key="", side_key="")
    row.storage_key = row.side_key = ""


def _actor_of(job: JobRun, row: Import) -> Actor:
    if job.actor_user is None:
        raise NotAllowed("The person who started the import is gone.")
    organisation = Organisation.objects.get(pk=row.organisation_id)
    return Actor(user=job.actor_user, organisation=organisation)
