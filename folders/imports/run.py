"""What an importer holds while it works."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import transaction

from accounts.actor import Actor
from core.errors import NotFound
from core.jobs import JobLost, JobRun
from core.models import Job, JobState
from core.services import audit
from folders.choices import ImportState
from folders.constants import MAX_REPORTED_ERRORS
from folders.imports.errors import ErrorLog, join_errors, stored_errors
from folders.imports.report import Report
from folders.models import Folder, Import


@dataclass
class ImportRun:
    """One run of one import: its row, its job, who asked for it, and what is found and written.

    In the check `errors` gathers all that is wrong. While writing it gathers what was right when it
    was checked and is wrong by now.
    """

    row: Import
    job: JobRun
    actor: Actor
    report: Report = field(default_factory=Report)
    errors: ErrorLog = field(default_factory=ErrorLog)

    @property
    def folder(self) -> Folder:
        """Where the import goes."""
        return self.row.folder

    @property
    def options(self) -> dict[str, Any]:
        """What the importer was told, defaults filled in."""
        options: dict[str, Any] = self.row.options
        return options

    @property
    def ignore_errors(self) -> bool:
        """Whether wrong entries are left out, rather than all of them refused."""
        return bool(self.options.get("ignore_errors"))

    @property
    def checkpoint(self) -> dict[str, Any]:
        """Where the last batch ended that was written; empty before the first."""
        checkpoint: dict[str, Any] = self.row.checkpoint
        return checkpoint

    def open(self) -> IO[bytes]:
        """The file, from its beginning."""
        file: IO[bytes] = default_storage.open(self.row.storage_key, "rb")
        return file

    def open_side(self) -> IO[bytes] | None:
        """The second file, from its beginning; None when there is none."""
        if not self.row.side_key:
            return None
        file: IO[bytes] = default_storage.open(self.row.side_key, "rb")
        return file

    def wrong_entries(self) -> set[int]:
        """Numbers of the entries in which the check found errors."""
        entries = (error.get("entry") for error in stored_errors(*self.row.error_files))
        return {entry for entry in entries if entry is not None}

    @contextmanager
    def batch(self, checkpoint: dict[str, Any], *, last: bool = False) -> Iterator[None]:
        """One transaction of the write phase, together with its checkpoint and the report.

        So each batch is written exactly once, whatever is killed when: a run that was given up and
        wakes up again finds another checkpoint than its own, and ends.

        Args:
            checkpoint: where the next run would go on, should this one be killed after the batch.
            last: the import is done with it.

        Raises:
            JobLost: another run has gone on with the import, or it has ended.
        """
        with transaction.atomic():
            rows = Import.objects.select_for_update(no_key=True).filter(pk=self.row.pk)
            row = rows.only("state", "checkpoint").first()
            if (
                row is None
                or row.state != ImportState.WRITING
                or row.checkpoint != self.row.checkpoint
            ):
                raise JobLost(f"Import {self.row.pk} is carried out by another run.")
            yield
            self._save(checkpoint, last=last)
        self.row.checkpoint = checkpoint
        if last:
            self.row.state = ImportState.DONE

    def reload_folder(self) -> Folder:
        """The folder as it is by now: people may move it while its import runs.

        Raises:
            NotFound: it was deleted.
        """
        folder = Folder.objects.filter(pk=self.row.folder_id).first()
        if folder is None:
            raise NotFound("The folder was deleted meanwhile.")
        self.row.folder = folder
        return folder

    def begin_anew(self) -> None:
        """Forget what a transaction has reported that was rolled back; for imports of only one."""
        self.report = Report.from_dict(self.row.report)
        self.errors.close()
        self.errors = ErrorLog()

    def owns_job(self) -> bool:
        """Whether the job has not been given to another run meanwhile."""
        rows = Job.objects.filter(pk=self.job.row.pk, run_token=self.job.token)
        return rows.filter(state=JobState.RUNNING).exists()

    def _save(self, checkpoint: dict[str, Any], *, last: bool) -> None:
        columns: dict[str, Any] = {"checkpoint": checkpoint, "report": self.report.as_dict()}
        if last:
            columns["state"] = ImportState.DONE
            data = {"file": self.row.file_name, "created": self.report.created}
            data |= {"updated": self.report.updated, "folder": str(self.row.folder_id)}
            audit.record(actor=self.actor, action="import.done", target=self.row, data=data)
        if self.errors.count:
            columns |= self._late_errors()
        if last and self.row.late_errors_keys:
            columns |= self._join_errors()
        Import.objects.filter(pk=self.row.pk).update(**columns)

    def _late_errors(self) -> dict[str, Any]:
        """Put what went wrong in this batch behind the errors that are known."""
        row, late = self.row, self.errors
        row.late_errors_keys = [*row.late_errors_keys, late.save(errors_key(row))]
        row.error_count += late.count
        row.errors = [*row.errors, *late.first][:MAX_REPORTED_ERRORS]
        self.errors = ErrorLog()
        late.close()
        return {
            "late_errors_keys": row.late_errors_keys,
            "error_count": row.error_count,
            "errors": row.errors,
        }

    def _join_errors(self) -> dict[str, Any]:
        """Make one file of those of the check and of the batches."""
        row = self.row
        parts = row.error_files
        row.errors_key, row.late_errors_keys = join_errors(parts, errors_key(row)), []
        for part in parts:
            transaction.on_commit(partial(default_storage.delete, part), robust=True)
        return {"errors_key": row.errors_key, "late_errors_keys": []}


def source_key(row: Import) -> str:
    """Where the file of an import goes."""
    return f"imports/{row.pk.hex[:2]}/{row.pk.hex}/source"


def side_key(row: Import) -> str:
    """Where the second file of an import goes."""
    return f"imports/{row.pk.hex[:2]}/{row.pk.hex}/side"


def errors_key(row: Import) -> str:
    """Where its errors go."""
    return f"imports/{row.pk.hex[:2]}/{row.pk.hex}/errors.jsonl"
