"""The importer of metadata and vectors for items that are there, named by id, name or address.

    {"items": [{"name": "bird-1.png", "metadata": {"my-embedding": [0.1, 0.2]}},
               {"id": "…", "metadata": {…}}, {"objectUrl": "s3://…", "metadata": {…}}]}

Everything is written in one transaction: it changes items that were there before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from core.errors import FieldError, InvalidInput
from folders.imports.batches import batches
from folders.imports.json_stream import JsonEntry, read_entries
from folders.imports.registry import Importer
from folders.imports.report import SAMPLE_SIZE
from folders.imports.run import ImportRun
from folders.services.imports import (
    ChangeExaminer,
    MetadataChange,
    Row,
    resolve_rows,
    update_metadata,
)

_SAMPLED_KEYS = 12


def check(run: ImportRun) -> None:
    """Find all that is wrong; writes nothing.

    Raises:
        InvalidInput: the file is no such document.
    """
    checker = _Checker(run)
    with _rows_of(run) as rows:
        for batch in batches(rows):
            checker.check(batch)
            run.job.progress(step=f"Checking, {checker.count:,} entries read")
    if not checker.count:
        raise InvalidInput("The document lists no items.", code="empty")
    run.report.counts["item"] = checker.count
    run.report.failed = checker.wrong
    run.report.stored_as_text = checker.examiner.stored_as_text
    run.report.details["entries"] = checker.count
    run.report.details["vectors"] = dict(checker.examiner.vectors)


def write(run: ImportRun) -> None:
    """Write everything in one transaction.

    Raises:
        InvalidInput: what was right when it was checked no longer is, and is not to be left out.
    """
    wrong, total, number = run.wrong_entries(), run.report.details.get("entries"), 0
    with run.batch({"done": True}, last=True), _rows_of(run) as rows:
        for batch in batches(rows):
            right = [row for place, row in enumerate(batch, number) if place not in wrong]
            number += len(batch)
            found = resolve_rows(run.reload_folder(), [(row.path, row.value) for row in right])
            _update(run, [row.change for row in found if row.change is not None])
            late = [error for row in found for error in row.errors]
            _note(run, late, len({error.path for error in late}))
            run.job.progress(done=number, total=total, step="Writing metadata")


class _Checker:
    """Checks batch by batch; `count` rows so far, `wrong` of which are not valid."""

    def __init__(self, run: ImportRun) -> None:
        self._run = run
        self._seen: set[UUID] = set()
        self.examiner = ChangeExaminer(run.actor)
        self.count = 0
        self.wrong = 0

    def check(self, batch: list[JsonEntry]) -> None:
        """Note the errors of a batch, each with its row."""
        rows = resolve_rows(self._run.reload_folder(), [(row.path, row.value) for row in batch])
        changes = [row.change for row in rows if row.change is not None]
        examined = iter(self.examiner.examine(changes))
        for row in rows:
            errors = list(row.errors)
            if row.change is not None:
                errors += next(examined) + self._repeats(row.change)
                self._sample(row, row.change)
            elif row.has_metadata:
                place = f"{row.path}.metadata"
                errors += self.examiner.examine_unplaced(row.metadata, place)
            self._run.errors.extend(errors, entry=self.count)
            self.wrong += bool(errors)
            self.count += 1
        self._seen.update(change.item_id for change in changes)

    def _sample(self, row: Row, change: MetadataChange) -> None:
        """Note one of the first rows: its item, and under which keys it is given something."""
        if len(self._run.report.sample) < SAMPLE_SIZE:
            given = change.metadata if isinstance(change.metadata, dict) else {}
            keys = sorted(given)[:_SAMPLED_KEYS]
            self._run.report.add_sample(
                {"path": row.path, "item": str(change.item_id), "metadata": keys}
            )

    def _repeats(self, change: MetadataChange) -> list[FieldError]:
        """An item that an earlier batch has named; those of one batch are found with the rest."""
        if change.item_id not in self._seen:
            return []
        place, found = f"{change.path}.id", str(change.item_id)
        return [FieldError(place, "The item is named twice.", "repeated", found=found)]


def _update(run: ImportRun, changes: list[MetadataChange]) -> None:
    """Write a batch; what has become wrong since the check ends the import, or is left out."""
    if not changes:
        return
    try:
        report = update_metadata(actor=run.actor, changes=changes, merge=True, audited=False)
    except InvalidInput as error:
        if len(changes) == 1 or not run.ignore_errors:
            _note(run, list(error.errors) or [FieldError(changes[0].path, error.message)], 1)
            return
        for change in changes:
            _update(run, [change])
        return
    run.report.updated += len(report.items)
    run.report.frames += report.frames
    run.report.vectors.update(report.vectors)
    run.report.removed.update(report.removed)


def _note(run: ImportRun, errors: list[FieldError], rows: int) -> None:
    if errors and not run.ignore_errors:
        first = f"{errors[0].path}: {errors[0].message}"
        raise InvalidInput(first, code="invalid_import", errors=errors)
    run.errors.extend(errors)
    run.report.failed += rows


@contextmanager
def _rows_of(run: ImportRun) -> Iterator[Iterator[JsonEntry]]:
    """The rows of the file.

    Raises:
        InvalidInput: it holds anything else.
    """
    with run.open() as file:
        yield _rows(read_entries(file))


def _rows(entries: Iterator[JsonEntry]) -> Iterator[JsonEntry]:
    for entry in entries:
        if entry.key != "items" or entry.place is None:
            raise InvalidInput(
                f"“{entry.path[:80]}” is not known; the document is one list “items”.",
                code="wrong_document",
            )
        yield entry


METADATA = Importer(
    kind="metadata",
    label="Metadata and vectors of items",
    suffixes=(".json",),
    check=check,
    write=write,
)
