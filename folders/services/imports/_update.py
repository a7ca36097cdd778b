"""New metadata and vectors for items that exist."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from core.errors import FieldError, NotAllowed
from core.services import audit
from folders.choices import FolderRole
from folders.kinds import get_kind
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import FrameTimes
from folders.metadata.frames import (
    ENCORD,
    FrameKeys,
    rename_keys,
    resolve_frames,
    stored_config,
    stored_frames,
)
from folders.metadata.parse import MetadataParser, ParsedMetadata, filterable
from folders.models import Folder, Item, MetadataKey, Unit
from folders.services.frames import (
    add_frames,
    probe_item,
    sample_frames,
    sampled_numbers,
)
from folders.services.imports._items import live_keys
from folders.services.imports._report import ImportReport, raise_errors
from folders.services.imports._rows import write_item_metadata, write_unit_metadata
from folders.services.imports._vectors import VectorBatch
from folders.services.locks import share_tree


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """Metadata for one item; `path` is its place in the input, `items.<place>` unless told."""

    item_id: UUID
    metadata: Any
    path: str = ""


@dataclass(slots=True)
class _Entry:
    """A change that has been checked."""

    item_id: UUID
    parsed: ParsedMetadata
    probe: FrameTimes | None = None
    frames: dict[str, int] = field(default_factory=dict)


def update_metadata(
    *,
    actor: Actor,
    changes: Sequence[MetadataChange],
    merge: bool = False,
    errors: Sequence[FieldError] = (),
) -> ImportReport:
    """Write metadata and vectors of existing items, all or nothing.

    The object replaces the item's earlier one, or with `merge` is laid over it. The same holds for
    the object of each frame that it names; frames that it does not name keep theirs. In either way
    a vector goes only when its key is set to null.

    Args:
        actor: edits the folders of all the items.
        changes: each item at most once.
        merge: keep values under keys that a change does not name.
        errors: what the caller found wrong already, to be reported together with the rest.

    Raises:
        InvalidInput: naming all that is wrong in the whole batch.
        NotAllowed: the actor may see all the items, but not edit each of them.
    """
    keys = live_keys(actor)
    parser = MetadataParser(keys)
    parser.errors += errors
    items = _items(actor, changes, parser.errors)
    entries = [
        _check(items[change.item_id], change, parser, _path(change, place))
        for place, change in enumerate(changes)
        if change.item_id in items
    ]
    raise_errors(parser.errors)
    report = _write(actor, entries, keys, merge=merge)
    report.stored_as_text = parser.stored_as_text
    return report


def _items(
    actor: Actor, changes: Sequence[MetadataChange], errors: list[FieldError]
) -> dict[UUID, Item]:
    """The items by id; unknown and repeated ones are errors."""
    wanted = [change.item_id for change in changes]
    items = Item.objects.visible_to(actor).in_bulk(set(wanted))
    editable = Folder.objects.visible_to(actor, FolderRole.EDITOR).filter(
        pk__in={item.folder_id for item in items.values()}
    )
    if editable.count() < len({item.folder_id for item in items.values()}):
        raise NotAllowed("This takes the role “Editor” on the folders of all the items.")
    seen: set[UUID] = set()
    for place, change in enumerate(changes):
        path = f"{_path(change, place)}.id"
        if change.item_id not in items:
            message = "There is no such item, or you have no access to it."
            errors.append(FieldError(path, message, "not_found", found=str(change.item_id)))
        elif change.item_id in seen:
            message = "The item is named twice."
            errors.append(FieldError(path, message, "repeated", found=str(change.item_id)))
        seen.add(change.item_id)
    return items


def _check(item: Item, change: MetadataChange, parser: MetadataParser, path: str) -> _Entry:
    mode = stored_config(item.client_metadata).mode
    parsed = parser.parse(change.metadata, f"{path}.metadata", name=item.name, mode=mode)
    entry = _Entry(item.pk, parsed)
    if not parsed.names_frames:
        return entry
    place = f"{parsed.own.path}.{ENCORD}"
    if not get_kind(item.kind).has_frames:
        message = f"“{item.name}” has no frames; videos and image sequences have."
        parser.errors.append(FieldError(place, message, "kind"))
        return entry
    try:
        entry.probe = probe_item(item)
        sampled_numbers(parsed.frame_keys.sampling_rate, entry.probe)
    except UnreadableMedia as error:
        parser.errors.append(FieldError(place, f"“{item.name}”: {error}", "media"))
        return entry
    entry.frames = resolve_frames(
        parsed.frame_keys, entry.probe, parsed.own.path, parser.errors, name=item.name
    )
    return entry


@transaction.atomic
def _write(
    actor: Actor, entries: list[_Entry], keys: dict[str, MetadataKey], *, merge: bool
) -> ImportReport:
    share_tree(actor.organisation_id)
    ids = [entry.item_id for entry in entries]
    # In the order of ids, so that two batches that overlap wait for each other and go on.
    locked = Item.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    items = {item.pk: item for item in locked}
    units = dict(Unit.objects.filter(item__in=ids, frame=None).values_list("item", "pk"))
    # Items that were deleted meanwhile are passed over, as if they had been deleted just after.
    entries = [entry for entry in entries if entry.item_id in items]
    report = ImportReport(items=[items[entry.item_id] for entry in entries])
    _write_own(entries, items, units, merge=merge)
    vectors = VectorBatch()
    for entry in entries:
        vectors.add(units[entry.item_id], entry.parsed.own)
        if entry.probe:
            item = items[entry.item_id]
            report.frames += _write_frames(entry, item, entry.probe, vectors, merge=merge)
    vectors.write(keys, report)
    _record(actor, report.items)
    return report


def _record(actor: Actor, items: list[Item]) -> None:
    """One event for one item, else one for each folder."""
    action = "item.metadata_updated"
    if len(items) == 1:
        audit.record(actor=actor, action=action, target=items[0], data={"name": items[0].name})
        return
    counts = Counter(item.folder_id for item in items)
    for folder in Folder.objects.filter(pk__in=counts):
        data = {"items": counts[folder.pk]}
        audit.record(actor=actor, action=action, target=folder, data=data)


def _write_own(
    entries: list[_Entry], items: dict[UUID, Item], units: dict[UUID, int], *, merge: bool
) -> None:
    """Metadata of the items themselves, where it changes."""
    changed = []
    for entry in entries:
        item = items[entry.item_id]
        stored = _stored(item.client_metadata, entry, merge=merge)
        if stored != item.client_metadata:
            item.client_metadata = stored
            changed.append(item)
    write_item_metadata((item.pk, item.client_metadata) for item in changed)
    write_unit_metadata((units[item.pk], filterable(item.client_metadata)) for item in changed)


def _stored(before: dict[str, Any], entry: _Entry, *, merge: bool) -> dict[str, Any]:
    """The item's metadata as it will be stored.

    What says which frames are units outlives a replacement: key frames stay.
    """
    after = {**before, **entry.parsed.own.values} if merge else dict(entry.parsed.own.values)
    encord = {}
    keys, earlier = entry.parsed.frame_keys, stored_config(before)
    config = keys.config if keys.config is not None else earlier.config
    if config is not None:
        encord["config"] = config
    frames = _frames(before, entry, earlier)
    if frames:
        encord["frames"] = frames
    if encord:
        after[ENCORD] = encord
    return after


def _frames(before: dict[str, Any], entry: _Entry, earlier: FrameKeys) -> dict[str, int]:
    """The keys by which frames were named, earlier ones and new ones, in the mode that holds now.

    Keys were read in the mode that held when they came: another import may have changed it since.
    """
    frames = stored_frames(before)
    if entry.probe is None:
        return frames
    keys = entry.parsed.frame_keys
    mode = earlier.mode if keys.config is None else keys.mode
    named = rename_keys(entry.frames, keys.mode, mode, entry.probe)
    if frames:
        frames = rename_keys(frames, earlier.mode, mode, entry.probe)
    renamed = set(named.values())
    return {key: frame for key, frame in frames.items() if frame not in renamed} | named


def _write_frames(
    entry: _Entry, item: Item, probe: FrameTimes, vectors: VectorBatch, *, merge: bool
) -> int:
    numbers = [*entry.frames.values(), *entry.parsed.frame_keys.listed]
    units = add_frames(item=item, probe=probe, numbers=numbers, key=True)
    changed = []
    for key, number in entry.frames.items():
        parsed, unit = entry.parsed.frames[key], units[number]
        vectors.add(unit.pk, parsed)
        stored = {**unit.metadata, **parsed.values} if merge else parsed.values
        if stored != unit.metadata:
            changed.append((unit.pk, stored))
    write_unit_metadata(changed)
    if entry.parsed.frame_keys.config is not None:
        sample_frames(item=item, probe=probe)
    return len(units)


def _path(change: MetadataChange, place: int) -> str:
    return change.path or f"items.{place}"
