"""New items, with their files and metadata."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from accounts.actor import Actor
from core.errors import FieldError, NotFound
from core.services import audit
from folders.choices import FolderRole, ItemKind
from folders.constants import BATCH_SIZE
from folders.media.errors import UnreadableMedia
from folders.media.video import VideoProbe
from folders.metadata.frames import ENCORD
from folders.metadata.parse import MetadataParser, ParsedMetadata
from folders.models import Folder, Item, MetadataKey, Unit
from folders.names import name_problem
from folders.permissions import require_role
from folders.services.frames import add_frames, measure_video, resolve_frames
from folders.services.imports._report import ImportReport, raise_errors
from folders.services.imports._vectors import VectorBatch
from folders.services.items import new_item, new_unit, read_head
from folders.services.locks import share_tree
from folders.services.processing import request_processing
from folders.storage import remove_item_files, save_original


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One item to be: its name, its file, its metadata as one JSON object."""

    name: str
    content: bytes | IO[bytes]
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Entry:
    """A record that has been checked."""

    item: Item
    file: IO[bytes]
    parsed: ParsedMetadata
    probe: VideoProbe | None = None
    # Frame number by the key under which its metadata came.
    frames: dict[str, int] = field(default_factory=dict)


def import_items(*, actor: Actor, folder: Folder, records: Sequence[ItemRecord]) -> ImportReport:
    """Create items from files with metadata and vectors, all or nothing; workers read the media.

    Args:
        actor: edits the folder.
        folder: where the items go.
        records: errors name them as `items.<place>`.

    Raises:
        InvalidInput: naming all that is wrong in the whole batch.
        NotAllowed: the actor may not edit the folder.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    keys = live_keys(actor)
    parser = MetadataParser(keys)
    entries = [
        _check(actor, folder, parser, record, f"items.{place}")
        for place, record in enumerate(records)
    ]
    raise_errors(parser.errors)
    stored: list[UUID] = []
    try:
        for entry in entries:
            stored.append(entry.item.pk)
            entry.item.storage_key = save_original(entry.item.pk, entry.file)
            entry.item.size = default_storage.size(entry.item.storage_key)
        report = _write(actor, folder, entries, keys)
    except BaseException:
        for item_id in stored:
            remove_item_files(item_id)
        raise
    report.stored_as_text = parser.stored_as_text
    return report


def live_keys(actor: Actor) -> dict[str, MetadataKey]:
    """The organisation's live keys by name."""
    return {key.name: key for key in MetadataKey.objects.visible_to(actor).live()}


def _check(
    actor: Actor, folder: Folder, parser: MetadataParser, record: ItemRecord, path: str
) -> _Entry:
    name = record.name.strip()
    problem = name_problem(name)
    if problem:
        parser.errors.append(FieldError(f"{path}.name", problem, "name", found=name[:80]))
    content = record.content
    file: IO[bytes] = io.BytesIO(content) if isinstance(content, bytes) else content
    item = new_item(actor=actor, folder=folder, name=name, head=read_head(file))
    entry = _Entry(item, file, parser.parse(record.metadata, f"{path}.metadata", name=name))
    item.client_metadata = dict(entry.parsed.own.values)
    if entry.parsed.names_frames:
        _check_frames(entry, parser)
    return entry


def _check_frames(entry: _Entry, parser: MetadataParser) -> None:
    """The numbers of frames can only be checked against the video itself."""
    path = entry.parsed.own.path
    if entry.item.kind != ItemKind.VIDEO:
        message = f"“{entry.item.name}” has no frames; videos and image sequences have."
        parser.errors.append(FieldError(f"{path}.{ENCORD}", message, "kind"))
        return
    try:
        entry.probe = measure_video(entry.item, entry.file)
    except UnreadableMedia as error:
        parser.errors.append(
            FieldError(f"{path}.{ENCORD}", f"“{entry.item.name}”: {error}", "media")
        )
        return
    finally:
        entry.file.seek(0)
    keys = entry.parsed.frame_keys
    entry.frames = resolve_frames(keys, entry.probe, path, parser.errors, name=entry.item.name)
    if keys.config is not None:
        entry.item.client_metadata.setdefault(ENCORD, {})["config"] = keys.config
    if entry.frames:
        entry.item.client_metadata.setdefault(ENCORD, {})["frames"] = entry.frames


@transaction.atomic
def _write(
    actor: Actor, folder: Folder, entries: list[_Entry], keys: dict[str, MetadataKey]
) -> ImportReport:
    share_tree(actor.organisation_id)
    here = Folder.objects.filter(pk=folder.pk).first()
    if here is None:
        raise NotFound("The folder was deleted meanwhile.")
    report = ImportReport(items=[entry.item for entry in entries])
    Item.objects.bulk_create(report.items, batch_size=BATCH_SIZE)
    units = Unit.objects.bulk_create(
        [new_unit(item, here) for item in report.items], batch_size=BATCH_SIZE
    )
    vectors = VectorBatch()
    for entry, unit in zip(entries, units, strict=True):
        vectors.add(unit.pk, entry.parsed.own)
        if entry.probe:
            report.frames += _write_frames(entry, entry.probe, vectors)
    vectors.write(keys, report)
    audit.record(
        actor=actor, action="items.imported", target=here, data={"items": len(report.items)}
    )
    if report.items:
        report.job = request_processing(actor=actor, folder=here)
    return report


def _write_frames(entry: _Entry, probe: VideoProbe, vectors: VectorBatch) -> int:
    numbers = [*entry.frames.values(), *entry.parsed.frame_keys.listed]
    units = add_frames(item=entry.item, probe=probe, numbers=numbers, key=True)
    changed = []
    for key, number in entry.frames.items():
        parsed, unit = entry.parsed.frames[key], units[number]
        vectors.add(unit.pk, parsed)
        if parsed.values:
            unit.metadata = parsed.values
            changed.append(unit)
    Unit.objects.bulk_update(changed, ["metadata"], batch_size=BATCH_SIZE)
    return len(units)
