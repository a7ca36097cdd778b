"""`manage.py register FILE --folder … --user …`: registers cloud objects, here and now."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actor import Actor
from accounts.models import Membership
from core.errors import DomainError
from core.jobs.execution import execute_job
from folders.choices import FolderRole, ImportState
from folders.models import Import
from folders.permissions import get_folder
from folders.services.data_imports import start_import

_ERRORS_SHOWN = 20


class Command(BaseCommand):
    """Works beside a running stack; workers only read the media of what was registered."""

    help = "Register the cloud objects that a JSON or CSV file names; see docs/importing.md."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, where to, as whom, and how."""
        parser.add_argument("file", type=_file, metavar="FILE", help="JSON or CSV")
        parser.add_argument("--folder", type=UUID, required=True, help="id of the folder")
        parser.add_argument("--user", required=True, help="e-mail address of an editor of it")
        parser.add_argument("--integration", help="id; the one for web addresses unless told")
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--ignore-errors", action="store_true", help="leave wrong entries out")
        parser.add_argument("--skip-duplicates", action="store_true", help="of what is there")
        parser.add_argument("--upsert-metadata", action="store_true", help="of what is there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the import, carry it out, and say what came of it."""
        try:
            row = self._start(options)
        except DomainError as error:
            raise CommandError(_sentences(error)) from error
        assert row.job_id is not None  # noqa: S101  every import starts with its job
        execute_job(job_id=row.job_id)
        row = Import.objects.select_related("job").get(pk=row.pk)
        self._tell(row)
        if row.is_running:
            raise CommandError("The import was interrupted; a worker goes on with it.")
        if row.state not in (ImportState.DONE, ImportState.CHECKED):
            raise CommandError(row.failure or f"The import {row.get_state_display().lower()}.")

    def _start(self, options: dict[str, Any]) -> Import:
        path: Path = options["file"]
        chosen: dict[str, Any] = {"ignore_errors": options["ignore_errors"]}
        if options["integration"]:
            chosen["integration"] = options["integration"]
        for name, flag in (
            ("skip_duplicate_urls", "skip_duplicates"),
            ("upsert_metadata", "upsert_metadata"),
        ):
            if options[flag]:
                chosen[name] = True
        actor = _actor(options["user"], options["folder"])
        folder = get_folder(actor, options["folder"], FolderRole.EDITOR)
        with path.open("rb") as file:
            return start_import(
                actor=actor,
                folder=folder,
                kind="registration",
                file=file,
                file_name=path.name,
                options=chosen,
                dry_run=options["dry_run"],
            )

    def _tell(self, row: Import) -> None:
        report = row.report
        found = ", ".join(f"{count:,} {kind}" for kind, count in report.get("counts", {}).items())
        self.stdout.write(f"Found: {found or 'nothing'}.")
        for warning in report.get("warnings", ()):
            self.stdout.write(self.style.WARNING(warning))
        for error in row.errors[:_ERRORS_SHOWN]:
            self.stderr.write(f"{error['path']}: {error['message']}")
        if row.error_count > _ERRORS_SHOWN:
            self.stderr.write(f"… and {row.error_count - _ERRORS_SHOWN:,} more errors.")
        if row.state == ImportState.DONE:
            self.stdout.write(
                f"Created {report['created']:,}, updated {report['updated']:,}, skipped "
                f"{report['skipped']:,} as duplicates, left out {report['failed']:,}."
            )


def _actor(email: str, folder_id: UUID) -> Actor:
    """The person, in the organisation of the folder.

    Raises:
        CommandError: he does not belong to it, or there is no such folder.
    """
    memberships = Membership.objects.select_related("user", "organisation")
    membership = memberships.filter(
        user__email__iexact=email, organisation__folders=folder_id
    ).first()
    if membership is None:
        raise CommandError(f"{email} does not belong to the organisation of a folder {folder_id}.")
    return Actor(user=membership.user, organisation=membership.organisation)


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ArgumentTypeError(f"{text} is no file.")
    return path


def _sentences(error: DomainError) -> str:
    return "\n".join([error.message, *(f"{part.path}: {part.message}" for part in error.errors)])
