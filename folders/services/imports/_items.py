"""New items, with their files, metadata, vectors and frames."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from accounts.actor import Actor
from core.errors import NotFound
from core.services import audit
from folders.choices import FolderRole, ItemState
from folders.models import Folder, MetadataKey, Unit
from folders.permissions import require_role
from folders.services.imports._copy import allot_ids, copy_rows
from folders.services.imports._examine import Entry, Examiner
from folders.services.imports._records import ItemRecord
from folders.services.imports._report import ImportReport, raise_errors
from folders.services.imports._vectors import VectorBatch
from folders.services.locks import share_tree
from folders.services.processing import request_processing
from folders.storage import remove_item_files, save_original


def import_items(*, actor: Actor, folder: Folder, records: Sequence[ItemRecord]) -> ImportReport:
    """Create items with metadata and vectors, all or nothing; workers read the media.

    Args:
        actor: edits the folder.
        folder: where the items go.
        records: errors name them as `items.<place>`, unless they say another path.

    Raises:
        InvalidInput: naming all that is wrong in the whole batch.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    keys = live_keys(actor)
    examiner = Examiner(actor=actor, folder=folder, keys=keys)
    entries = [examiner.examine(record, f"items.{place}") for place, record in enumerate(records)]
    raise_errors(examiner.errors)
    stored: list[UUID] = []
    try:
        for entry in entries:
            if entry.file is not None:
                stored.append(entry.item.pk)
                entry.item.storage_key = save_original(entry.item.pk, entry.file)
                entry.item.size = default_storage.size(entry.item.storage_key)
        report = _write(actor, folder, entries, keys)
    except BaseException:
        for item_id in stored:
            remove_item_files(item_id)
        raise
    report.stored_as_text = examiner.parser.stored_as_text
    return report


def live_keys(actor: Actor) -> dict[str, MetadataKey]:
    """The organisation's live keys by name."""
    return {key.name: key for key in MetadataKey.objects.visible_to(actor).live()}


def write_entries(
    *, actor: Actor, folder: Folder, entries: Sequence[Entry], keys: Mapping[str, MetadataKey]
) -> ImportReport:
    """Save the rows of checked records, and their vectors; call it within a transaction.

    Raises:
        InvalidInput: vectors that do not fit any more.
        NotFound: the folder was deleted meanwhile.
    """
    share_tree(actor.organisation_id)
    here = Folder.objects.filter(pk=folder.pk).first()
    if here is None:
        raise NotFound("The folder was deleted meanwhile.")
    units = [unit for entry in entries for unit in entry.units]
    for unit, unit_id in zip(units, allot_ids(Unit, len(units)), strict=True):
        # The folder may have moved below another root since the records were checked.
        unit.pk, unit.root_id = unit_id, here.root_id
    copy_rows([entry.item for entry in entries])
    copy_rows([part for entry in entries for part in entry.parts])
    copy_rows(units)
    report = ImportReport(items=[entry.item for entry in entries])
    vectors = VectorBatch()
    for entry in entries:
        report.frames += _add_vectors(entry, vectors)
    vectors.write(keys, report)
    return report


@transaction.atomic
def _write(
    actor: Actor, folder: Folder, entries: Sequence[Entry], keys: Mapping[str, MetadataKey]
) -> ImportReport:
    report = write_entries(actor=actor, folder=folder, entries=entries, keys=keys)
    audit.record(
        actor=actor, action="items.imported", target=folder, data={"items": len(report.items)}
    )
    if any(is_waiting(entry) for entry in entries):
        report.job = request_processing(actor=actor, folder=folder)
    return report


def is_waiting(entry: Entry) -> bool:
    """Whether a worker has to read something of the entry."""
    items = [entry.item, *entry.parts]
    return any(item.state == ItemState.PROCESSING for item in items)


def _add_vectors(entry: Entry, vectors: VectorBatch) -> int:
    """Take the vectors of the item and its frames; return how many units of frames it has."""
    vectors.add(entry.units[0].pk, entry.parsed.own)
    frames = {unit.frame: unit.pk for unit in entry.units if unit.frame is not None}
    for key, number in entry.frames.items():
        vectors.add(frames[number], entry.parsed.frames[key])
    return len(frames)
