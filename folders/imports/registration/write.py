"""Writes what the check of a registration found right, and removes it again.

New items are written batch by batch, each with its checkpoint. What changes items that were there
before goes last, in one transaction: metadata of items that are there already, and groups made of
them.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from core.errors import FieldError, InvalidInput
from folders.choices import ItemState
from folders.constants import BATCH_SIZE
from folders.imports.batches import batches
from folders.imports.registration.ahead import read_ahead
from folders.imports.registration.duplicates import address_key, find_existing
from folders.imports.registration.raw import RawEntry
from folders.imports.registration.records import Grouping, RecordMaker
from folders.imports.registration.source import opened, record_maker, switch
from folders.imports.run import ImportRun
from folders.models import Item
from folders.services.deletion import drop_files
from folders.services.groups import group_items
from folders.services.imports import (
    Entry,
    Examiner,
    ItemRecord,
    MetadataChange,
    live_keys,
    update_metadata,
    write_entries,
)
from folders.services.locks import share_tree
from folders.services.object_uploads import take_objects
from folders.services.processing import request_processing
from folders.services.removal import remove_item_rows


def write(run: ImportRun) -> None:
    """Write, from the checkpoint on.

    Raises:
        InvalidInput: what was right when it was checked no longer is, and is not to be left out.
    """
    maker = record_maker(run, checks_addresses=False)
    _Write(run, maker).write()


def undo(run: ImportRun) -> None:
    """Remove the items that were written so far, wherever somebody may have put them since."""
    for ids in _written_ids(run):
        with transaction.atomic():
            share_tree(run.row.organisation_id)
            mine = Item.objects.filter(
                pk__in=ids,
                organisation=run.row.organisation_id,
                parent=None,
                # Ids that a file gives might be those of somebody else's items by now.
                created_at__gte=run.row.created_at,
            )
            drop_files(run.actor, remove_item_rows(mine))


class _Write:
    def __init__(self, run: ImportRun, maker: RecordMaker) -> None:
        self._run = run
        self._maker = maker
        self._wrong = run.wrong_entries()
        self._upserts = switch(run, "upsert_metadata")
        self._skips = switch(run, "skip_duplicate_urls") or self._upserts
        self._total = run.report.details.get("entries")

    def write(self) -> None:
        """Create, then change what was there, then have the media read."""
        done = int(self._run.checkpoint.get("entries", 0))
        with opened(self._run) as registration:
            for batch in batches(islice(registration, done, None)):
                end = batch[-1].number + 1
                self._create(batch, end)
                self._run.job.progress(done=end, total=self._total, step="Writing items")
        self._run.job.progress(step="Finishing")
        with self._run.batch(self._run.checkpoint, last=True):
            self._change()
            waiting = Item.objects.filter(folder=self._run.folder, state=ItemState.PROCESSING)
            if waiting.exists():
                request_processing(actor=self._run.actor, folder=self._run.folder)

    def _create(self, batch: list[RawEntry], end: int) -> None:
        """Write the new items of one batch."""
        run = self._run
        keys = live_keys(run.actor)
        entries = self._examined(batch, Examiner(actor=run.actor, folder=run.folder, keys=keys))
        checkpoint: dict[str, Any] = {"entries": end}
        with run.batch(checkpoint):
            if self._skips:
                before = len(entries)
                entries = self._new_ones(entries)
                run.report.skipped += before - len(entries)
            self._take_uploads(entries)
            written = write_entries(
                actor=run.actor, folder=run.folder, entries=list(entries.values()), keys=keys
            )
            run.report.created += len(entries)
            run.report.frames += written.frames
            run.report.vectors.update(written.vectors)
            if run.report.details.get("has_ids"):
                others = (raw.number for raw in batch if raw.number not in entries)
                checkpoint["others"] = _extended(run.checkpoint.get("others", ()), others)

    def _examined(self, batch: list[RawEntry], examiner: Examiner) -> dict[int, Entry]:
        """Entries that are right, by their numbers; late errors end the import or are noted."""
        entries = {}
        right = (raw for raw in batch if raw.number not in self._wrong)
        read_ahead(self._run, self._maker, examiner, right)
        for raw in batch:
            record = self._record(raw)
            if record is None:
                continue
            entry = examiner.examine(record)
            if not examiner.errors:
                entries[raw.number] = entry
                continue
            self._refuse(record, *examiner.errors, number=raw.number)
            examiner.errors.clear()
        return entries

    def _refuse(self, record: ItemRecord, *errors: FieldError, number: int | None = None) -> None:
        """Note what was right when it was checked; end the import if nothing is to be left out."""
        if not self._run.ignore_errors:
            raise InvalidInput(
                f"{errors[0].path}: {errors[0].message}", code="invalid_import", errors=errors
            )
        self._run.errors.extend(errors, entry=number, object_urls=record.object_urls[:5])
        self._run.report.failed += 1

    def _record(self, raw: RawEntry) -> ItemRecord | None:
        if raw.number in self._wrong:
            return None
        made = self._maker.make(raw)
        self._maker.errors.clear()
        self._maker.given_ids.clear()
        return made if isinstance(made, ItemRecord) else None

    def _new_ones(self, entries: dict[int, Entry]) -> dict[int, Entry]:
        """Entries whose objects are neither there already nor earlier in the batch."""
        self._hold_addresses()
        existing = find_existing(self._run.folder, [entry.record for entry in entries.values()])
        seen: set[bytes] = set()
        new = {}
        for place, (number, entry) in enumerate(entries.items()):
            key = address_key(entry.record)
            if place not in existing and key not in seen:
                new[number] = entry
            seen.add(key)
        return new

    def _take_uploads(self, entries: dict[int, Entry]) -> None:
        """Take over the uploaded files that entries name; those whose files are gone are wrong."""
        named = [upload_id for entry in entries.values() for upload_id in entry.record.uploads]
        if not named:
            return
        # As write_entries does: whoever deletes the folder holds the tree before rows of uploads.
        share_tree(self._run.row.organisation_id)
        taken = take_objects(actor=self._run.actor, folder=self._run.folder, upload_ids=named)
        for number, entry in list(entries.items()):
            gone = [upload_id for upload_id in entry.record.uploads if upload_id not in taken]
            if gone:
                message = "The uploaded file has expired, or was registered by somebody else."
                error = FieldError(entry.record.path, message, "not_uploaded")
                self._refuse(entry.record, error, number=number)
                del entries[number]
                continue
            for item in (entry.item, *entry.parts):
                if item.pk in taken:
                    item.storage_key = taken[item.pk].storage_key
                    item.size = taken[item.pk].size

    def _hold_addresses(self) -> None:
        """Two imports that skip duplicates take turns, so that neither misses the other's rows."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"folders.addresses:{self._run.folder.pk}"],
            )

    def _change(self) -> None:
        """Metadata of items that were there, and groups of them."""
        upserts = self._upserts and self._run.report.skipped
        if not upserts and not self._run.report.counts.get("group_of_items"):
            return
        with opened(self._run) as registration:
            for batch in batches(registration):
                self._run.job.check()
                right = [raw for raw in batch if raw.number not in self._wrong]
                made = [(raw, self._maker.make(raw)) for raw in right]
                self._maker.errors.clear()
                self._maker.given_ids.clear()
                if upserts:
                    self._upsert([one for _, one in made if isinstance(one, ItemRecord)])
                self._group([one for _, one in made if isinstance(one, Grouping)])

    def _upsert(self, records: list[ItemRecord]) -> None:
        """Lay metadata over that of the items that hold the records' objects."""
        existing = find_existing(self._run.folder, records)
        changes: dict[UUID, MetadataChange] = {}
        for place, item_id in existing.items():
            record = records[place]
            # What this import made of this very entry has its metadata already.
            if item_id == record.item_id or not record.metadata:
                continue
            if item_id in changes:
                self._update(changes)
                changes = {}
            changes[item_id] = MetadataChange(
                item_id, record.metadata, record.path, record.metadata_path
            )
        self._update(changes)

    def _update(self, changes: dict[UUID, MetadataChange]) -> None:
        if not changes:
            return
        try:
            report = update_metadata(
                actor=self._run.actor, changes=list(changes.values()), merge=True, audited=False
            )
        except InvalidInput as error:
            self._leave_out(changes, error)
            return
        self._run.report.updated += len(report.items)
        self._run.report.skipped -= len(report.items)
        self._run.report.frames += report.frames
        self._run.report.vectors.update(report.vectors)
        self._run.report.removed.update(report.removed)

    def _leave_out(self, changes: dict[UUID, MetadataChange], error: InvalidInput) -> None:
        """Note what cannot be written, if that is asked for, and write the rest."""
        if not self._run.ignore_errors:
            raise error
        if len(changes) == 1:
            self._run.errors.extend(error.errors)
            self._run.report.failed += 1
            return
        for item_id, change in changes.items():
            self._update({item_id: change})

    def _group(self, groupings: list[Grouping]) -> None:
        for grouping in groupings:
            group_items(
                actor=self._run.actor,
                folder=self._run.folder,
                items=list(grouping.item_ids),
                kind=grouping.kind,
                name=grouping.name,
                metadata=grouping.metadata,
                item_id=grouping.item_id,
            )
            self._run.report.created += 1


def _written_ids(run: ImportRun) -> Iterator[list[UUID]]:
    """Ids of the items that batches up to the checkpoint may have written.

    Ids that the file gives can be those of items that another import of it has made; entries that
    were not written are left out therefore.
    """
    count = int(run.checkpoint.get("entries", 0))
    maker = record_maker(run, checks_addresses=False)
    if not run.row.report.get("details", {}).get("has_ids"):
        for begin in range(0, count, BATCH_SIZE):
            numbers = range(begin, min(begin + BATCH_SIZE, count))
            yield [maker.derived_id(number) for number in numbers]
        return
    others = {n for begin, end in run.checkpoint.get("others", ()) for n in range(begin, end)}
    with opened(run) as registration:
        for batch in batches(islice(registration, count)):
            records = (maker.make(raw) for raw in batch if raw.number not in others)
            yield [
                record.item_id
                for record in records
                if isinstance(record, ItemRecord) and record.item_id
            ]


def _extended(ranges: Iterable[list[int]], numbers: Iterable[int]) -> list[list[int]]:
    """Ranges [begin, end) of numbers, with further ones behind them."""
    extended = [list(one) for one in ranges]
    for number in numbers:
        if extended and extended[-1][1] == number:
            extended[-1][1] = number + 1
        else:
            extended.append([number, number + 1])
    return extended
