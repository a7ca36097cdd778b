"""The check of a registration: reads all of it, and writes nothing."""

from uuid import UUID

from core.errors import FieldError, InvalidInput
from folders.imports.batches import batches
from folders.imports.items import NOTHING, save_item_ids
from folders.imports.registration.ahead import read_ahead
from folders.imports.registration.duplicates import address_key, find_existing
from folders.imports.registration.raw import RawEntry
from folders.imports.registration.records import Grouping, RecordMaker
from folders.imports.registration.source import SWITCHES, Registration, opened, record_maker, switch
from folders.imports.report import SAMPLE_SIZE
from folders.imports.run import ImportRun
from folders.metadata.parse import ParsedMetadata
from folders.models import Item
from folders.services.imports import Examiner, ItemRecord, live_keys

# As in the reference product.
MAX_ITEMS = 500_000
MAX_URLS = 1_000_000
_SAMPLED_KEYS = 12


def check(run: ImportRun) -> None:
    """Find all that is wrong, what there is of which kind, and what is there already.

    Raises:
        InvalidInput: the file as a whole cannot be read, or holds too much.
    """
    with opened(run) as registration:
        _Check(run, record_maker(run, checks_addresses=True)).run_over(registration)


class _Check:
    def __init__(self, run: ImportRun, maker: RecordMaker) -> None:
        self._run = run
        self._maker = maker
        self._ahead = record_maker(run, checks_addresses=False)
        self._examiner = Examiner(actor=run.actor, folder=run.folder, keys=live_keys(run.actor))
        # Of all that names objects, as 16 bytes each: a million takes some 80 MB.
        self._seen: set[bytes] = set()
        self._ids: set[UUID] = set()
        # Of what becomes of each entry, should they not follow from the import's own id.
        self._item_ids: list[bytes] = []
        self._wrong: set[int] = set()
        self._urls = 0
        self._entries = 0

    def run_over(self, registration: Registration) -> None:
        """Check entry by entry, then what holds for the whole."""
        read = 0
        for batch in batches(registration):
            self._check_batch(batch)
            read += sum(raw.size for raw in batch)
            self._run.job.progress(done=min(read, self._run.row.size), total=self._run.row.size)
            self._run.job.progress(step=f"Checking, {self._entries:,} entries read")
        self._take_flags(registration)
        if self._run.report.details.get("has_ids"):
            self._run.row.items_key = save_item_ids(self._run.row, self._item_ids)
        report = self._run.report
        report.failed = len(self._wrong)
        report.stored_as_text = self._examiner.parser.stored_as_text
        report.details["entries"] = self._entries
        report.details["urls"] = self._urls
        report.warnings += _warnings(self._run, self._maker)
        if not self._entries:
            raise InvalidInput("The file names no objects.", code="empty")

    def _check_batch(self, batch: list[RawEntry]) -> None:
        records: list[tuple[RawEntry, ItemRecord]] = []
        given: list[tuple[RawEntry, UUID, str]] = []
        read_ahead(self._run, self._ahead, self._examiner, batch)
        for raw in batch:
            self._entries += 1
            made = self._maker.make(raw)
            urls = made.object_urls if isinstance(made, ItemRecord) else []
            item_id = made.item_id if made is not None else None
            self._item_ids.append((item_id or NOTHING).bytes)
            self._urls += len(urls)
            self._require_limits()
            if isinstance(made, ItemRecord):
                self._run.report.counts[str(made.kind)] += 1
                self._sample(made, self._examiner.check(made))
                records.append((raw, made))
            elif made is not None:
                self._run.report.counts["group_of_items"] += 1
                self._check_grouping(made)
            else:
                self._run.report.counts["unreadable"] += 1
            given += [(raw, item_id, path) for item_id, path in self._maker.given_ids]
            self._maker.given_ids.clear()
            self._log(raw.number, urls)
        self._find_duplicates(records)
        self._check_ids(given)

    def _log(self, number: int, urls: list[str]) -> None:
        """Hand what was found wrong in one entry to the log."""
        errors = [*self._maker.errors, *self._examiner.errors]
        self._maker.errors.clear()
        self._examiner.errors.clear()
        if errors:
            self._wrong.add(number)
            self._run.errors.extend(errors, entry=number, object_urls=urls[:5])

    def _require_limits(self) -> None:
        for count, limit, what in (
            (self._entries, MAX_ITEMS, "items"),
            (self._urls, MAX_URLS, "addresses"),
        ):
            if count > limit:
                message = f"The file lists more than {limit:,} {what}. Split it."
                raise InvalidInput(message, code="too_many")

    def _sample(self, record: ItemRecord, parsed: ParsedMetadata) -> None:
        if len(self._run.report.sample) >= SAMPLE_SIZE:
            return
        self._run.report.add_sample(
            {
                "path": record.path,
                "kind": record.kind,
                "name": record.name.strip(),
                "object_url": (record.object_urls or [""])[0],
                "parts": len(record.parts),
                "metadata": sorted(parsed.own.values)[:_SAMPLED_KEYS],
                "vectors": {
                    name: len(values) for name, values in sorted(parsed.own.vectors.items())
                },
                "frames": len(parsed.frames),
            }
        )

    def _find_duplicates(self, records: list[tuple[RawEntry, ItemRecord]]) -> None:
        existing = find_existing(self._run.folder, [record for _, record in records])
        for place, (_, record) in enumerate(records):
            key = address_key(record)
            if place in existing or key in self._seen:
                url = (record.object_urls or [""])[0]
                there = existing.get(place)
                self._run.report.add_duplicate(
                    {
                        "path": record.path,
                        "object_url": url,
                        "item": str(there) if there else None,
                    }
                )
            self._seen.add(key)

    def _check_ids(self, given: list[tuple[RawEntry, UUID, str]]) -> None:
        """Ids that the file gives must be new."""
        if given:
            self._run.report.details["has_ids"] = True
        ids = [item_id for _, item_id, _ in given]
        taken = set(Item.objects.filter(pk__in=ids).values_list("pk", flat=True))
        for raw, item_id, path in given:
            if item_id in taken or item_id in self._ids:
                error = FieldError(path, "Another item has this id.", "taken", found=str(item_id))
                self._wrong.add(raw.number)
                self._run.errors.add(error, entry=raw.number)
            self._ids.add(item_id)

    def _check_grouping(self, grouping: Grouping) -> None:
        here = Item.objects.filter(folder=self._run.folder, parent=None, pk__in=grouping.item_ids)
        missing = len(set(grouping.item_ids)) - here.count()
        if missing:
            message = f"{missing:,} of the images are not in the folder."
            path = f"{grouping.path}.imageItems"
            self._maker.errors.append(FieldError(path, message, "not_found"))

    def _take_flags(self, registration: Registration) -> None:
        for name in SWITCHES:
            value = registration.flags.get(name)
            if value is None or isinstance(value, bool):
                self._run.report.details[name] = bool(value)
            else:
                self._run.errors.add(FieldError(name, "This is not true or false.", "type"))


def _warnings(run: ImportRun, maker: RecordMaker) -> list[str]:
    found = [
        f"{count:,} {'entry has' if count == 1 else 'entries have'} a field “{name[:80]}”, "
        "which is not known and was passed over."
        for name, count in maker.ignored.most_common(20)
    ]
    skips = switch(run, "skip_duplicate_urls") or switch(run, "upsert_metadata")
    if run.report.duplicates and not skips:
        count = run.report.duplicates
        what = "entry names an object" if count == 1 else "entries name objects"
        found.append(
            f"{count:,} {what} that the folder holds already, or that the file names before. They "
            "become further items unless skip_duplicate_urls is set."
        )
    return found
