"""`manage.py import_dataset DIR`: pictures and a matrix become a searchable folder."""

import sys
import time
from argparse import RawDescriptionHelpFormatter
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from accounts.models import Membership
from core.errors import DomainError
from embeddings.bulk import Columns, open_vectors
from embeddings.bulk.id_files import read_ids
from embeddings.imports.dataset import require_key, write_matrix
from embeddings.imports.matching import MatrixPlan, Order, plan_matrix
from embeddings.services.row_targets import NONE, UnitIds
from folders.choices import FolderRole, Metric
from folders.dataset.ingest import Ingested, ingest, item_id
from folders.dataset.placing import Mode
from folders.dataset.walk import DatasetFile, walk
from folders.models import Folder, Unit
from folders.services.folders import create_folder
from integrations.choices import Provider
from integrations.models import Integration
from integrations.services.integrations import create_integration

_ERRORS_SHOWN = 20
_LOOKED_UP = 5000
_TOLD_SECONDS = 0.5
# Some files could not be read; all others are there.
_SOME_FAILED = 2

_DESCRIPTION = """
Import a directory of pictures and videos, its subfolders as folders, and its sidecar files
(owl.jpg.metadata.json or owl.metadata.json) as metadata. With --embeddings, the rows of a matrix
(.npy, .npz, .parquet) become the vectors of an embedding key; which row is whose is told by

  ids within the file         npz arrays or Parquet columns such as ids, name, file_name
  --ids FILE                  a file of ids: .npy, .json, .csv, or one a line
  --order path                row n is the n-th file in the order of paths (by code points);
                              refused unless there are as many rows as files

Ids are paths within the directory, or file names, with or without their suffix.

The same directory twice adds nothing; a run that was interrupted goes on when it is given again.
Exit status: 0 all is there; 1 refused, nothing was imported; 2 some files could not be read.
"""


class Command(BaseCommand):
    """Works beside a running stack; no worker is needed."""

    help = "Import a directory of pictures, and a matrix of their vectors, as a folder."
    requires_system_checks = ()

    def create_parser(self, *args: Any, **options: Any) -> CommandParser:
        """Keep the lines of the description as they are."""
        options["formatter_class"] = RawDescriptionHelpFormatter
        parser = super().create_parser(*args, **options)
        parser.description = _DESCRIPTION
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options; --data is read before Django starts, by stack.environment."""
        parser.add_argument("directory", type=Path)
        parser.add_argument("--embeddings", type=Path, help="matrix: .npy, .npz or .parquet")
        parser.add_argument("--key", default="", help="embedding key; made if there is none")
        parser.add_argument("--metric", choices=Metric.values, default=Metric.COSINE.value)
        parser.add_argument("--ids", type=Path, help="file of ids, one for each row")
        parser.add_argument("--id-column", default="", help="of ids, in the matrix or --ids")
        parser.add_argument("--vectors-column", default="", help="of vectors, in the matrix")
        parser.add_argument("--order", choices=list(Order), help="the rule for rows without ids")
        parser.add_argument("--folder", default="", help="root folder; named as the directory")
        parser.add_argument("--user", default="", help="e-mail; an administrator unless given")
        parser.add_argument("--organisation", default="", help="name; the first unless given")
        parser.add_argument("--data", help="data folder of the stack (KINDRED_DATA, else var/)")
        modes = parser.add_mutually_exclusive_group()
        for mode, what in _MODES.items():
            modes.add_argument(
                f"--{mode}",
                dest="mode",
                action="store_const",
                const=mode,
                default=Mode.COPY,
                help=what,
            )

    def handle(self, *_args: str, **options: Any) -> None:
        """Check everything, then import files, then vectors."""
        started = time.monotonic()
        if bool(options["embeddings"]) != bool(options["key"]):
            raise CommandError("--embeddings and --key belong together.")
        try:
            result = self._import(options)
        except DomainError as error:
            raise CommandError(_words(error)) from error
        except OSError as error:
            raise CommandError(str(error)) from error
        self._conclude(result, time.monotonic() - started)

    def _import(self, options: dict[str, Any]) -> Ingested:
        root = options["directory"].resolve(strict=True)
        files = self._walk(root)
        actor = _actor(options["user"], options["organisation"])
        with ExitStack() as stack:
            plan = None
            if options["embeddings"]:
                matrix = stack.enter_context(options["embeddings"].open("rb"))
                plan = _plan(matrix, files, options)
                require_key(actor, options["key"], plan.file.dimensions)
                self.stdout.write(_about(plan))
            result, folder = self._ingest(actor, root, files, options)
            if plan is not None:
                self._write_vectors(actor, folder, files, plan, options)
        return result

    def _walk(self, root: Path) -> list[DatasetFile]:
        if not root.is_dir():
            raise CommandError(f"{root} is no directory.")
        found = walk(root)
        self.stdout.write(f"{len(found.files):,} pictures and videos in {root}")
        if found.passed_over:
            some = ", ".join(found.passed_over[:5]) + (" …" if len(found.passed_over) > 5 else "")
            self.stdout.write(f"{len(found.passed_over):,} other files are passed over: {some}")
        if not found.files:
            raise CommandError("There is nothing to import.")
        return found.files

    def _ingest(
        self, actor: Actor, root: Path, files: list[DatasetFile], options: dict[str, Any]
    ) -> tuple[Ingested, Folder]:
        mode = Mode(options["mode"])
        integration = _directory_integration(actor, root) if mode is Mode.IN_PLACE else None
        folder = _folder(actor, options["folder"] or root.name)
        line = _Line(self.stdout)
        result = ingest(
            actor=actor,
            folder=folder,
            files=files,
            mode=mode,
            integration=integration,
            told=line.tell,
        )
        line.end()
        return result, folder

    def _write_vectors(
        self,
        actor: Actor,
        folder: Folder,
        files: list[DatasetFile],
        plan: MatrixPlan,
        options: dict[str, Any],
    ) -> None:
        line = _Line(self.stdout)
        rows = plan.file.rows
        written = write_matrix(
            actor=actor,
            root=folder,
            plan=plan,
            key_name=options["key"],
            metric=Metric(options["metric"]),
            unit_ids=_unit_ids(folder, files),
            told=lambda done: line.tell(done, rows, "Writing vectors"),
        )
        line.end()
        self.stdout.write(f"{written:,} vectors written under “{options['key']}”")

    def _conclude(self, result: Ingested, seconds: float) -> None:
        parts = [f"{result.added:,} added"]
        parts += [f"{result.present:,} were there already"] if result.present else []
        parts += [f"{result.failed:,} cannot be read"] if result.failed else []
        self.stdout.write(f"{', '.join(parts)}; {seconds:.1f} s")
        for error in result.errors[:_ERRORS_SHOWN]:
            self.stderr.write(f"{error.path}: {error.message}")
        if len(result.errors) > _ERRORS_SHOWN:
            self.stderr.write(f"… and {len(result.errors) - _ERRORS_SHOWN:,} more")
        if result.errors:
            sys.exit(_SOME_FAILED)


_MODES = {
    Mode.COPY: "copy the files into the storage (the default)",
    Mode.MOVE: "move them there",
    Mode.IN_PLACE: "leave them where they are, and read them there",
}


class _Line:
    """A line of progress, written over where somebody looks on."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._told = 0.0
        self._open = False

    def tell(self, done: int, total: int, step: str) -> None:
        """Say how far it is, now and then."""
        if not self._out.isatty():
            return
        if done < total and time.monotonic() - self._told < _TOLD_SECONDS:
            return
        self._told, self._open = time.monotonic(), True
        self._out.write(f"\r{step}: {done:,} of {total:,}\033[K", ending="")
        self._out.flush()

    def end(self) -> None:
        """Go on below."""
        if self._open:
            self._out.write("")


def _plan(file: IO[bytes], files: list[DatasetFile], options: dict[str, Any]) -> MatrixPlan:
    own = "" if options["ids"] else options["id_column"]
    vectors = open_vectors(file, Columns(options["vectors_column"], own))
    ids = _ids(options["ids"], options["id_column"]) if options["ids"] else None
    order = Order(options["order"]) if options["order"] else None
    return plan_matrix(vectors, files, ids=ids, order=order)


def _ids(path: Path, column: str) -> list[str]:
    with path.open("rb") as file:
        return read_ids(file, path.name, column)


def _about(plan: MatrixPlan) -> str:
    file = plan.file
    words = f"{file.rows:,} vectors of {file.dimensions} numbers ({file.dtype}), {plan.rule}"
    words += f"; {plan.without:,} files have none" if plan.without else ""
    return words + (f"; {plan.zero:,} are all zeros" if plan.zero else "")


def _actor(email: str, organisation: str) -> Actor:
    """The user in his organisation; the first administrator unless one is named."""
    rows = Membership.objects.select_related("user", "organisation")
    rows = (
        rows.filter(user__email__iexact=email)
        if email
        else rows.filter(role=OrganisationRole.ADMIN)
    )
    if organisation:
        rows = rows.filter(organisation__name=organisation)
    first = rows.order_by("organisation__created_at", "created_at", "pk").first()
    if first is None:
        raise CommandError(
            f"There is no {'such user' if email else 'administrator'} to import for."
        )
    return Actor(user=first.user, organisation=first.organisation)


def _folder(actor: Actor, name: str) -> Folder:
    """The root folder of that name, made if there is none."""
    roots = Folder.objects.visible_to(actor, FolderRole.EDITOR).roots().filter(name=name)
    found = list(roots.order_by("created_at", "pk")[:2])
    if len(found) > 1:
        raise CommandError(f"There are several root folders called “{name}”; rename one of them.")
    return found[0] if found else create_folder(actor=actor, name=name)


def _directory_integration(actor: Actor, directory: Path) -> Integration:
    """An integration that reads the directory, made if there is none."""
    rows = Integration.objects.filter(
        organisation=actor.organisation,
        provider=Provider.DIRECTORY,
        settings__directory=str(directory),
    )
    return rows.first() or create_integration(
        actor=actor,
        name=f"Directory {directory}"[:100],
        provider=Provider.DIRECTORY,
        settings={"directory": str(directory)},
    )


def _unit_ids(folder: Folder, files: list[DatasetFile]) -> UnitIds:
    """Units of the files' items in their order; NONE where a file has no item there."""
    found: dict[Any, int] = {}
    ids = [item_id(folder, file) for file in files]
    for start in range(0, len(ids), _LOOKED_UP):
        units = Unit.objects.filter(
            item__in=ids[start : start + _LOOKED_UP], frame=None, root=folder
        )
        found |= dict(units.values_list("item_id", "pk"))
    return np.array([found.get(one, NONE) for one in ids], dtype=np.int64)


def _words(error: DomainError) -> str:
    lines = [f"{part.path}: {part.message} {part.found}".rstrip() for part in error.errors]
    return "\n".join([error.message, *(line for line in lines if error.message not in line)])
