"""Bulk imports: starting, carrying out and cancelling; import_runs beside it does the work."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import IO, Any, cast
from uuid import UUID, uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict, FieldError, InvalidInput
from core.models import Job
from core.services import audit
from core.services.jobs import enqueue_job, request_cancel
from folders.choices import FolderRole, ImportState
from folders.imports.registry import Importer, get_importer
from folders.imports.run import side_key, source_key
from folders.models import Folder, Import, Upload
from folders.names import clean_name
from folders.permissions import require_role
from folders.services.import_runs import JOB_KIND, about, end_import, error_sentence
from folders.services.uploads import take_upload


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of an import: a stream, a file that `take_upload` has given, or the id of an upload.

    The name is the one that people know; an upload brings one of its own.
    """

    content: IO[bytes] | Upload | UUID
    name: str = ""


def start_import(
    *,
    actor: Actor,
    folder: Folder,
    kind: str,
    file: IO[bytes] | Upload | UUID,
    file_name: str = "",
    side: SentFile | None = None,
    options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> Import:
    """Store the file and have a worker check it, and then write what it holds.

    Args:
        actor: edits the folder.
        folder: where the import goes.
        kind: of an importer.
        file: a stream goes into the storage; a file that the actor has uploaded is taken over as
            it lies there, see take_upload.
        file_name: as people know it; that of the upload unless given.
        side: a second file, where the importer takes one.
        options: of the importer, and `ignore_errors`: leave wrong entries out.
        dry_run: stop after the check; `carry_out` goes on.

    Raises:
        InvalidInput: the kind, the name or an option is wrong.
        NotAllowed: the actor may not edit the folder.
        NotFound, Conflict, UploadGone: there is no such upload, it is not complete, or has expired.
    """
    stored: list[str] = []
    takes_uploads = isinstance(file, UUID) or (side is not None and isinstance(side.content, UUID))
    try:
        # What was uploaded is there: it changes hands as the import is noted. A stream is stored
        # first, while no transaction waits for it.
        with transaction.atomic() if takes_uploads else nullcontext():
            main = _received(actor, SentFile(file, file_name))
            row = _new_import(actor, folder, kind, main.name, options or {}, dry_run=dry_run)
            row.storage_key, row.size = _stored(main, source_key(row), stored)
            if side is not None:
                _add_side(actor, row, side, stored)
            _insert(actor, row)
    except BaseException:
        for key in stored:
            default_storage.delete(key)
        raise
    return row


@transaction.atomic
def carry_out(*, actor: Actor, row: Import, ignore_errors: bool | None = None) -> Import:
    """Write what a dry run has checked, or go on with an import whose job ended half-way.

    Args:
        actor: edits the folder.
        row: in the state checked, or stalled.
        ignore_errors: leave wrong entries out; None for as it was said at the start.

    Raises:
        Conflict: the import is running or has ended, or has errors that are not to be ignored.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, row.folder, FolderRole.EDITOR)
    row = _locked(row)
    if not (row.state == ImportState.CHECKED or row.is_stalled):
        raise Conflict(f"The import is {row.get_state_display().lower()} and cannot be started.")
    if ignore_errors is not None:
        row.options = {**row.options, "ignore_errors": ignore_errors}
    if row.state == ImportState.CHECKED:
        if row.error_count and not row.options.get("ignore_errors"):
            raise Conflict(
                f"{error_sentence(row.error_count)} Mend the file, or leave the wrong entries out.",
                code="import_has_errors",
            )
        row.state = ImportState.WRITING
        audit.record(actor=actor, action="import.carried_out", target=row, data=about(row))
    row.dry_run = False
    row.job = _enqueue(actor, row)
    row.save(update_fields=["state", "options", "dry_run", "job", "updated_at"])
    return row


@transaction.atomic
def cancel_import(*, actor: Actor, row: Import) -> Import:
    """End an import; what it wrote is removed again, by its job if that is still at work.

    Raises:
        Conflict: the import has ended.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, row.folder, FolderRole.EDITOR)
    row = _locked(row)
    if row.has_ended:
        raise Conflict("The import has ended already.")
    audit.record(actor=actor, action="import.cancelled", target=row, data=about(row))
    if row.job is not None:
        request_cancel(job=row.job)
    if not row.is_running:
        if row.state == ImportState.WRITING:
            # Nobody is at work on it, but earlier batches may be there.
            row.job = _enqueue(actor, row, undo=True)
            row.save(update_fields=["job", "updated_at"])
        else:
            end_import(row, ImportState.CANCELLED)
    return row


def _received(actor: Actor, sent: SentFile) -> SentFile:
    """The file with its name; an upload is the caller's from now on."""
    if not isinstance(sent.content, UUID):
        return sent
    upload = take_upload(actor=actor, upload_id=sent.content)
    return SentFile(upload, sent.name or upload.name)


def _stored(sent: SentFile, key: str, stored: list[str]) -> tuple[str, int]:
    """Where the file lies and how large it is; what is stored for it is noted in `stored`."""
    if isinstance(sent.content, Upload):
        return sent.content.storage_key, sent.content.size
    saved = default_storage.save(key, File(cast("IO[bytes]", sent.content)))
    stored.append(saved)
    return saved, default_storage.size(saved)


def _add_side(actor: Actor, row: Import, side: SentFile, stored: list[str]) -> None:
    if not get_importer(row.kind).side:
        message = "Imports of this kind take no second file."
        raise InvalidInput(message, errors=[FieldError("ids_file", message, "unknown")])
    side = _received(actor, side)
    row.side_name = clean_name(side.name, path="ids_file")
    row.side_key, _ = _stored(side, side_key(row), stored)


def _new_import(
    actor: Actor,
    folder: Folder,
    kind: str,
    file_name: str,
    options: Mapping[str, Any],
    *,
    dry_run: bool,
) -> Import:
    require_role(actor, folder, FolderRole.EDITOR)
    importer = get_importer(kind)
    return Import(
        id=uuid4(),
        organisation_id=folder.organisation_id,
        folder=folder,
        created_by=actor.user,
        kind=importer.kind,
        file_name=clean_name(file_name, path="file_name"),
        options=_clean_options(importer, actor, folder, options),
        dry_run=dry_run,
    )


def _clean_options(
    importer: Importer, actor: Actor, folder: Folder, options: Mapping[str, Any]
) -> dict[str, Any]:
    own = dict(options)
    ignore_errors = own.pop("ignore_errors", False)
    if not isinstance(ignore_errors, bool):
        wrong = FieldError("options.ignore_errors", "This is not true or false.", "type")
        raise InvalidInput(wrong.message, errors=[wrong])
    if importer.clean_options is not None:
        own = importer.clean_options(actor, folder, own)
    elif own:
        errors = [
            FieldError(f"options.{name}", "There is no such option.", "unknown") for name in own
        ]
        raise InvalidInput(errors[0].message, errors=errors)
    return {"ignore_errors": ignore_errors, **own}


@transaction.atomic
def _insert(actor: Actor, row: Import) -> None:
    row.save(force_insert=True)
    audit.record(actor=actor, action="import.started", target=row, data=about(row))
    row.job = _enqueue(actor, row)
    row.save(update_fields=["job"])


def _enqueue(actor: Actor, row: Import, *, undo: bool = False) -> Job:
    what = "Removing what was imported from" if undo else "Importing"
    if row.dry_run and not undo:
        what = "Checking"
    return enqueue_job(
        organisation_id=row.organisation_id,
        user_id=actor.user.pk,
        kind=JOB_KIND,
        title=f"{what} {row.file_name}",
        payload={"import": str(row.pk), "undo": undo},
        folder_id=row.folder_id,
    )


def _locked(row: Import) -> Import:
    rows = Import.objects.select_for_update(of=("self",)).select_related("folder", "job")
    return rows.get(pk=row.pk)
