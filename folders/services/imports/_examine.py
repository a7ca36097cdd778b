"""Checks records and makes unsaved rows of them; writes nothing."""

import io
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import IO
from uuid import UUID, uuid4

from accounts.actor import Actor
from core.errors import FieldError
from folders.choices import ItemKind, ItemState, UnitKind
from folders.kinds import get_kind
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import FrameTimes, sequence_times
from folders.metadata.frames import ENCORD, parse_frame_keys, resolve_frames
from folders.metadata.parse import MetadataParser, ParsedMetadata, filterable
from folders.models import Folder, Item, MetadataKey, Unit
from folders.names import name_problem
from folders.services.frames import (
    frame_unit,
    measure_video,
    probe_item,
    sampled_numbers,
)
from folders.services.imports._records import ItemRecord, Measures
from folders.services.imports._videos import VideoTimes, read_videos
from folders.services.items import new_item, read_head
from folders.services.wholes import new_whole


@dataclass(slots=True)
class Entry:
    """A record that has been checked, as unsaved rows; `units[0]` is the item's own.

    `frames` are frame numbers by the keys under which their metadata came.
    """

    record: ItemRecord
    item: Item
    parsed: ParsedMetadata
    parts: list[Item] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    frames: dict[str, int] = field(default_factory=dict)
    file: IO[bytes] | None = None


class Examiner:
    """Checks records against one schema; `errors` gathers all that is wrong."""

    def __init__(self, *, actor: Actor, folder: Folder, keys: Mapping[str, MetadataKey]) -> None:
        self._actor = actor
        self._folder = folder
        # Copies: the first vector under a key without a size settles it for those that follow,
        # as it will when they are written.
        self._schema = {name: copy(key) for name, key in keys.items()}
        self._parser = MetadataParser(self._schema)
        # Rows are copies of these: a model's own __init__ takes several times as long.
        self._blank_item = Item(
            organisation_id=folder.organisation_id, folder=folder, created_by=actor.user
        )
        self._blank_unit = Unit(folder=folder, root_id=folder.root_id)
        self._videos: dict[UUID, VideoTimes] = {}

    @property
    def parser(self) -> MetadataParser:
        """What parses metadata; it counts what is stored as text."""
        return self._parser

    @property
    def errors(self) -> list[FieldError]:
        """All that is wrong so far."""
        return self._parser.errors

    def read_ahead(self, records: Iterable[ItemRecord], told: Callable[[], None]) -> None:
        """Read the videos among records that lie elsewhere and have to be read to be examined;
        the records to be examined next. See read_videos.
        """
        unread = [self._item(record, record.name) for record in records if _must_be_read(record)]
        self._videos = read_videos(unread, told)

    def check(self, record: ItemRecord, path: str = "") -> ParsedMetadata:
        """Check one record without making rows where they have no say; its metadata."""
        if record.kind != ItemKind.IMAGE or record.content is not None:
            return self.examine(record, path).parsed
        parsed = self._parse(record, path)
        if parsed.names_frames:
            self._refuse_frames(record.name.strip(), parsed)
        return parsed

    def examine(self, record: ItemRecord, path: str = "") -> Entry:
        """Check one record, and make its rows."""
        parsed = self._parse(record, path)
        entry = self._entry(record, record.name.strip(), parsed)
        entry.item.client_metadata = dict(parsed.own.values)
        times = self._times(entry)
        if times is not None:
            self._resolve(entry, times)
        self._make_units(entry, times)
        return entry

    def _parse(self, record: ItemRecord, path: str) -> ParsedMetadata:
        """Check names and metadata."""
        path = record.path or path
        name = record.name.strip()
        self._check_name(name, f"{path}.name")
        for position, part in enumerate(record.parts):
            self._check_name(part.name, part.path or f"{path}.parts.{position}")
        metadata_path = record.metadata_path or f"{path}.metadata"
        parsed = self._parser.parse(record.metadata, metadata_path, name=name)
        settle_sizes(self._schema, parsed)
        return parsed

    def _refuse_frames(self, name: str, parsed: ParsedMetadata) -> None:
        message = f"“{name}” has no frames; videos and image sequences have."
        self.errors.append(FieldError(f"{parsed.own.path}.{ENCORD}", message, "kind"))

    def _check_name(self, name: str, path: str) -> None:
        problem = name_problem(name)
        if problem:
            self.errors.append(FieldError(path, problem, "name", found=name[:80]))

    def _entry(self, record: ItemRecord, name: str, parsed: ParsedMetadata) -> Entry:
        if record.content is not None:
            content = record.content
            file: IO[bytes] = io.BytesIO(content) if isinstance(content, bytes) else content
            item = new_item(
                actor=self._actor,
                folder=self._folder,
                name=name,
                head=read_head(file),
                item_id=record.item_id,
            )
            return Entry(record, item, parsed, file=file)
        item = self._item(record, name)
        if get_kind(item.kind).has_parts and not record.parts:
            self.errors.append(FieldError(record.path, "It has no images.", "required"))
        return Entry(record, item, parsed, [self._item(part, part.name) for part in record.parts])

    def _item(self, record: ItemRecord, name: str) -> Item:
        """An item whose original lies elsewhere, or that has none."""
        item = copy(self._blank_item)
        item.id = record.item_id or uuid4()
        item.kind = record.kind or ItemKind.IMAGE
        item.name = name
        item.client_metadata = {}
        if record.measures is not None:
            _set_measures(item, record.measures)
        if record.uploaded is not None:
            item.storage_key, item.size = record.uploaded.storage_key, record.uploaded.size
        else:
            item.object_url, item.integration = record.object_url, record.integration
        return item

    def _times(self, entry: Entry) -> FrameTimes | None:
        """When the frames are shown; None when that is not known yet and need not be."""
        item, path = entry.item, f"{entry.parsed.own.path}.{ENCORD}"
        if item.kind == ItemKind.IMAGE_SEQUENCE:
            return sequence_times(len(entry.parts)) if entry.parts else None
        if item.kind != ItemKind.VIDEO:
            if entry.parsed.names_frames:
                self._refuse_frames(item.name, entry.parsed)
            return None
        if not (entry.parsed.names_frames or item.measures_given):
            return None
        try:
            if entry.file is not None:
                return measure_video(item, entry.file)
            times = self._videos.get(item.pk) or probe_item(item)
            if isinstance(times, UnreadableMedia):
                raise times
            return times
        except UnreadableMedia as error:
            self.errors.append(FieldError(path, f"“{item.name}”: {error}", "media"))
        finally:
            if entry.file is not None:
                entry.file.seek(0)
        return None

    def _resolve(self, entry: Entry, times: FrameTimes) -> None:
        """Which frames the keys mean."""
        keys, item = entry.parsed.frame_keys, entry.item
        path = entry.parsed.own.path
        entry.frames = resolve_frames(keys, times, path, self.errors, name=item.name)
        if keys.config is not None:
            item.client_metadata.setdefault(ENCORD, {})["config"] = keys.config
        if entry.frames:
            item.client_metadata.setdefault(ENCORD, {})["frames"] = entry.frames

    def _make_units(self, entry: Entry, times: FrameTimes | None) -> None:
        """The item's own unit and those of its frames, as far as they are known."""
        item, keys = entry.item, entry.parsed.frame_keys
        try:
            if entry.parts:
                self._make_whole(entry)
            else:
                entry.units = [self._own_unit(item)]
            sampled: list[int] = []
            if item.kind == ItemKind.VIDEO and item.measures_given and times is not None:
                sampled = sampled_numbers(keys.sampling_rate, times)
        except UnreadableMedia as error:
            place = f"{entry.parsed.own.path}.{ENCORD}.config.sampling_rate"
            self.errors.append(FieldError(place, f"“{item.name}”: {error}", "media"))
            return
        if times is not None:
            self._add_frames(entry, times, sampled)

    def _own_unit(self, item: Item) -> Unit:
        unit = copy(self._blank_unit)
        unit.item_id = item.pk
        unit.kind = UnitKind(item.kind)
        unit.metadata = filterable(item.client_metadata)
        return unit

    def _make_whole(self, entry: Entry) -> None:
        rows = new_whole(
            actor=self._actor,
            folder=self._folder,
            kind=ItemKind(entry.item.kind),
            name=entry.item.name,
            parts=entry.parts,
            client_metadata=entry.item.client_metadata,
            item_id=entry.item.pk,
        )
        entry.item, entry.parts, entry.units = rows.whole, rows.parts, rows.units

    def _add_frames(self, entry: Entry, times: FrameTimes, sampled: list[int]) -> None:
        """Units of sampled frames and key frames that are not there yet, with their metadata."""
        given = entry.parsed.frame_keys.listed
        listed = [number for number in given if number < times.frame_count]
        keys = {*entry.frames.values(), *listed}
        present = {unit.frame: unit for unit in entry.units}
        for number in sorted({*sampled, *keys} - present.keys()):
            unit = frame_unit(entry.units[0], number, times, key=number in keys)
            unit.item = entry.item
            present[number] = unit
            entry.units.append(unit)
        for number in keys:
            present[number].is_key_frame = True
        for key, number in entry.frames.items():
            # Metadata that is no object was found wrong already.
            if key in entry.parsed.frames:
                present[number].metadata = entry.parsed.frames[key].values


def _must_be_read(record: ItemRecord) -> bool:
    """Whether it is a video elsewhere of which frames are named and no measures given."""
    if record.kind != ItemKind.VIDEO or record.content is not None or record.measures is not None:
        return False
    given = record.metadata if isinstance(record.metadata, dict) else {}
    return parse_frame_keys(given, "", []).names_frames


def settle_sizes(schema: Mapping[str, MetadataKey], parsed: ParsedMetadata) -> None:
    """Give keys without a size that of their first vector; `schema` is changed, nothing stored."""
    for values in (parsed.own, *parsed.frames.values()):
        for name, vector in values.vectors.items():
            if schema[name].dimensions is None:
                schema[name].dimensions = len(vector)


def _set_measures(item: Item, measures: Measures) -> None:
    """Believe what was given: the item is ready."""
    item.state = ItemState.READY
    item.measures_given = True
    item.mime_type = measures.mime_type
    item.size = measures.size
    item.width, item.height = measures.width, measures.height
    item.fps, item.duration = measures.fps, measures.duration
    if measures.fps and measures.duration is not None:
        item.frame_count = max(1, round(measures.duration * measures.fps))
