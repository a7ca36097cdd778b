"""Which importer reads which kind of file; apps register theirs in AppConfig.ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import FieldError, InvalidInput

if TYPE_CHECKING:
    from accounts.actor import Actor
    from folders.imports.run import ImportRun
    from folders.models import Folder

Options = dict[str, Any]
CleanOptions = Callable[["Actor", "Folder", Mapping[str, Any]], Options]

_importers: dict[str, "Importer"] = {}


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of file.

    Attributes:
        kind: its name in the API.
        label: its name on pages.
        suffixes: how file names of the kind end, with the dot.
        check: reads all of the file, writes nothing; fills `run.report` and `run.errors`. Raises
            InvalidInput when the file as a whole cannot be read.
        write: writes what the check found right, in `run.batch` transactions, and leaves out what
            it found wrong. It may be begun again after a crash, from `run.row.checkpoint`.
        undo: removes what earlier batches wrote; None for importers that write in one transaction.
        side: what a second file holds that may come with the first, as pages name it; empty where
            none is taken.
        clean_options: checks the options; raises InvalidInput, its paths as `options.<name>`.
            `ignore_errors` is known to every importer and not passed.
    """

    kind: str
    label: str
    suffixes: tuple[str, ...]
    check: Callable[["ImportRun"], None]
    write: Callable[["ImportRun"], None]
    undo: Callable[["ImportRun"], None] | None = None
    clean_options: CleanOptions | None = None
    side: str = ""


def register_importer(importer: Importer) -> Importer:
    """Make the kind known.

    Raises:
        ValueError: another importer has the kind.
    """
    known = _importers.setdefault(importer.kind, importer)
    if known != importer:
        raise ValueError(f"The kind of import {importer.kind!r} has an importer already.")
    return importer


def get_importer(kind: str) -> Importer:
    """The importer of a kind.

    Raises:
        InvalidInput: there is none.
    """
    found = _importers.get(kind)
    if found is None:
        wrong = FieldError(
            "kind", "There is no such kind of import.", "choice", ", ".join(_importers), kind[:80]
        )
        raise InvalidInput(wrong.message, errors=[wrong])
    return found


def importers() -> list[Importer]:
    """All of them, in the order of their registration."""
    return list(_importers.values())
