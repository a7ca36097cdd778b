"""New metadata and vectors for items that exist."""

from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
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
from folders.services.imports._examine import settle_sizes
from folders.services.imports._items import live_keys
from folders.services.imports._report import ImportReport, raise_errors
from folders.services.imports._rows import write_item_metadata, write_unit_metadata
from folders.services.imports._vectors import VectorBatch
from folders.services.locks import share_tree


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """Metadata for one item; `path` is its place in the input, `items.<place>` unless told, and
    `metadata_path` that of the metadata, `<path>.metadata` unless told.
    """

    item_id: UUID
    metadata: Any
    path: str = ""
    metadata_path: str = ""


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
    audited: bool = True,
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
        audited: record the change; False for a part of something larger that is recorded.

    Raises:
        InvalidInput: naming all that is wrong in the whole batch.
        NotAllowed: the actor may see all the items, but not edit each of them.
    """
    keys = live_keys(actor)
    parser = MetadataParser(keys)
    entries, found = [], list(errors)
    for entry, wrong in _examined(actor, changes, parser):
        found += wrong
        if entry is not None:
            entries.append(entry)
    raise_errors(found)
    report = _write(actor, entries, keys, merge=merge, audited=audited)
    report.stored_as_text = parser.stored_as_text
    return report


class ChangeExaminer:
    """Checks changes without writing them, batch by batch, against one schema."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        # Copies: the first vector under a key without a size settles it for those that follow.
        self._schema = {name: copy(key) for name, key in live_keys(actor).items()}
        self._parser = MetadataParser(self._schema)
        self.vectors: Counter[str] = Counter()

    @property
    def stored_as_text(self) -> Counter[str]:
        """By key, the lists of numbers whose key is not in the schema."""
        return self._parser.stored_as_text

    def examine(self, changes: Sequence[MetadataChange]) -> list[list[FieldError]]:
        """What is wrong with each change.

        Raises:
            NotAllowed: the actor may see all the items, but not edit each of them.
        """
        wrong = []
        for entry, errors in _examined(self._actor, changes, self._parser):
            wrong.append(errors)
            if entry is not None:
                settle_sizes(self._schema, entry.parsed)
                self.vectors.update(entry.parsed.own.vectors.keys())
        return wrong

    def examine_unplaced(self, metadata: Any, path: str) -> list[FieldError]:
        """What is wrong with metadata whose item is not known."""
        self._parser.parse(metadata, path)
        return _taken(self._parser.errors)


def _examined(
    actor: Actor, changes: Sequence[MetadataChange], parser: MetadataParser
) -> Iterator[tuple[_Entry | None, list[FieldError]]]:
    """Each change as it was checked, if its item is there, and what is wrong with it."""
    items = _editable_items(actor, changes)
    own = set(Unit.objects.filter(item__in=items, frame=None).values_list("item", flat=True))
    seen: set[UUID] = set()
    for place, change in enumerate(changes):
        path = _path(change, place)
        item = items.get(change.item_id)
        entry = None
        if item is None:
            message = "There is no such item, or you have no access to it."
            parser.errors.append(
                FieldError(f"{path}.id", message, "not_found", found=str(change.item_id))
            )
        elif change.item_id not in own:
            message = "This is a frame of a sequence: write to the frame, by its number."
            parser.errors.append(FieldError(f"{path}.id", message, "frame_of_a_sequence"))
        elif change.item_id in seen:
            message = "The item is named twice."
            parser.errors.append(
                FieldError(f"{path}.id", message, "repeated", found=str(change.item_id))
            )
        else:
            entry = _check(item, change, parser, path)
        seen.add(change.item_id)
        yield entry, _taken(parser.errors)


def _editable_items(actor: Actor, changes: Sequence[MetadataChange]) -> dict[UUID, Item]:
    """The items by id, as far as they are there."""
    wanted = {change.item_id for change in changes}
    items = Item.objects.visible_to(actor).select_related("parent").in_bulk(wanted)
    folders = {item.folder_id for item in items.values()}
    editable = Folder.objects.visible_to(actor, FolderRole.EDITOR).filter(pk__in=folders)
    if editable.count() < len(folders):
        raise NotAllowed("This takes the role “Editor” on the folders of all the items.")
    return items


def _taken(errors: list[FieldError]) -> list[FieldError]:
    """The errors, which are taken out of the list."""
    taken = list(errors)
    errors.clear()
    return taken


def _check(item: Item, change: MetadataChange, parser: MetadataParser, path: str) -> _Entry:
    mode = stored_config(item.client_metadata).mode
    place = change.metadata_path or f"{path}.metadata"
    parsed = parser.parse(change.metadata, place, name=item.name, mode=mode)
    entry = _Entry(item.pk, parsed)
    if _is_frame(item):
        message = "This image is a frame of a sequence; its metadata goes to the sequence."
        parser.errors.append(FieldError(f"{path}.id", message, "frame", found=str(item.pk)))
        return entry
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
    actor: Actor,
    entries: list[_Entry],
    keys: dict[str, MetadataKey],
    *,
    merge: bool,
    audited: bool,
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
    if audited:
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


def _is_frame(part: Item) -> bool:
    """Whether a part has no unit of its own."""
    return part.parent is not None and get_kind(part.parent.kind).parts_are_frames


def _path(change: MetadataChange, place: int) -> str:
    return change.path or f"items.{place}"
