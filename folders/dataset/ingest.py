"""Makes items of a directory's files, batch by batch, each with its thumbnails.

The id of an item follows from its root folder and the file's path, so a batch that was written
before is recognised: the same directory twice adds nothing, and a run that was killed goes on.
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID, uuid5

from django.db import transaction

from accounts.actor import Actor
from core.errors import FieldError, InvalidInput
from core.services import audit
from folders.choices import FolderRole, ItemState
from folders.constants import MAX_FAILURE_LENGTH
from folders.dataset.placing import FIRST_VERSION, Mode, place_original, place_thumbnails
from folders.dataset.reading import ReadFile, groups, read_group
from folders.dataset.walk import DatasetFile
from folders.models import Folder, Item, MetadataKey
from folders.permissions import require_role
from folders.services.folder_paths import MAX_PATHS, ensure_folders
from folders.services.imports import Entry, Examiner, ItemRecord, live_keys, write_entries
from folders.services.processing import process_item
from folders.storage import remove_item_files
from integrations.models import Integration

# Rows of one transaction.
_BATCH: Final = 1000
# Groups that are read ahead of the rows: files go on being read while a batch of rows is written.
# What was read holds few bytes; only files that a thread is at are held whole.
_AHEAD: Final = 40
_THREADS: Final = 3
_LOOKED_UP: Final = 5000
_MAX_SIDECAR_BYTES: Final = 64 * 1024 * 1024

Told = Callable[[int, int, str], None]


@dataclass(slots=True)
class Ingested:
    """What became of the files: counts, and what is wrong by path of file."""

    added: int = 0
    present: int = 0
    failed: int = 0
    vectors: int = 0
    errors: list[FieldError] = field(default_factory=list)


def item_id(root: Folder, file: DatasetFile) -> UUID:
    """The id that the item of a file has in a root folder."""
    return uuid5(root.pk, f"dataset:{file.relative}")


def ingest(
    *,
    actor: Actor,
    folder: Folder,
    files: Sequence[DatasetFile],
    mode: Mode = Mode.COPY,
    integration: Integration | None = None,
    told: Told,
) -> Ingested:
    """Make items of files in a folder and its subfolders, which are made where they lack.

    Args:
        actor: edits the folder.
        folder: where the directory's own files go.
        files: in the order of their paths.
        mode: whether originals are copied, moved, or stay and are read where they are.
        integration: through which they are read when they stay.
        told: is called with how many are done, of how many, and what is going on.

    Raises:
        InvalidInput: a folder's name cannot be used.
        NotAllowed: the actor may not edit the folder.
        OSError: a file cannot be read.
    """
    require_role(actor, folder, FolderRole.EDITOR)
    work = _Ingestion(actor, folder, mode, integration, live_keys(actor), told)
    work.run(files)
    if work.result.added:
        data = {"items": work.result.added, "failed": work.result.failed}
        audit.record(actor=actor, action="dataset.imported", target=folder, data=data)
    return work.result


@dataclass
class _Ingestion:
    """One run."""

    actor: Actor
    folder: Folder
    mode: Mode
    integration: Integration | None
    keys: dict[str, MetadataKey]
    told: Told
    result: Ingested = field(default_factory=Ingested)
    folders: dict[str, Folder] = field(default_factory=dict)
    examiners: dict[str, Examiner] = field(default_factory=dict)
    waiting: list[UUID] = field(default_factory=list)

    def run(self, files: Sequence[DatasetFile]) -> None:
        missing = self._missing(files)
        self._make_folders(missing)
        done = len(files) - len(missing)
        self.told(done, len(files), "Reading files")
        batch: list[tuple[ReadFile, UUID]] = []
        for read in self._read(missing):
            batch += read
            if len(batch) >= _BATCH:
                self._write(batch)
                done += len(batch)
                batch = []
                self.told(done, len(files), "Reading files")
        self._write(batch)
        self.told(len(files), len(files), "Reading files")
        self._read_waiting()

    def _missing(self, files: Sequence[DatasetFile]) -> list[DatasetFile]:
        """Files that have no item yet; of those that have one, what was not read is noted."""
        missing: list[DatasetFile] = []
        for start in range(0, len(files), _LOOKED_UP):
            some = {item_id(self.folder, file): file for file in files[start : start + _LOOKED_UP]}
            there = Item.objects.filter(pk__in=some).values_list("pk", "state")
            for pk, state in there:
                del some[pk]
                self.result.present += 1
                if state == ItemState.PROCESSING:
                    self.waiting.append(pk)
            missing += some.values()
        return missing

    def _make_folders(self, files: Sequence[DatasetFile]) -> None:
        paths = sorted({file.folder for file in files} - {""})
        self.folders[""] = self.folder
        for start in range(0, len(paths), MAX_PATHS):
            some = paths[start : start + MAX_PATHS]
            self.folders |= ensure_folders(actor=self.actor, folder=self.folder, paths=some)

    def _read(self, files: Sequence[DatasetFile]) -> Iterator[list[tuple[ReadFile, UUID]]]:
        """Groups of files in their order, read and stored by threads some steps ahead."""
        coming = groups(files)
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="dataset") as pool:
            ahead: list[Future[list[tuple[ReadFile, UUID]]]] = [
                pool.submit(self._read_and_store, group) for group in islice(coming, _AHEAD)
            ]
            try:
                while ahead:
                    read = ahead.pop(0).result()
                    ahead += [pool.submit(self._read_and_store, one) for one in islice(coming, 1)]
                    yield read
            finally:
                for future in ahead:
                    future.cancel()

    def _read_and_store(self, group: Sequence[DatasetFile]) -> list[tuple[ReadFile, UUID]]:
        """Read a group and store originals and thumbnails; touches no database."""
        stored = []
        for read in read_group(group):
            pk = item_id(self.folder, read.file)
            if self.mode is not Mode.IN_PLACE:
                place_original(pk, str(read.file.path), read.content, self.mode)
            place_thumbnails(pk, read.thumbnails)
            read.content, read.thumbnails = None, {}
            stored.append((read, pk))
        return stored

    def _write(self, batch: Sequence[tuple[ReadFile, UUID]]) -> None:
        """Make the rows of a batch, in one transaction."""
        by_folder: dict[str, list[Entry]] = {}
        for read, pk in batch:
            entry = self._examined(read, pk)
            if entry is not None:
                by_folder.setdefault(read.file.folder, []).append(entry)
        entries = [entry for some in by_folder.values() for entry in some]
        with transaction.atomic():
            for path, some in by_folder.items():
                report = write_entries(
                    actor=self.actor, folder=self.folders[path], entries=some, keys=self.keys
                )
                self.result.vectors += report.vectors.total()
        self.result.added += len(entries)
        self.waiting += [e.item.pk for e in entries if e.item.state == ItemState.PROCESSING]
        if self.mode is Mode.MOVE:
            written = {entry.item.pk for entry in entries}
            for read, pk in batch:
                if pk in written:
                    read.file.path.unlink(missing_ok=True)

    def _examined(self, read: ReadFile, pk: UUID) -> Entry | None:
        """The rows of one file; None when something is wrong with its name or metadata."""
        path = read.file.relative
        try:
            metadata = _sidecar(read.file.sidecar)
        except InvalidInput as error:
            self._refuse(pk, [FieldError(path, error.message, error.code)])
            return None
        examiner = self._examiner(read.file.folder)
        with _content(read) as content:
            record = ItemRecord(
                name=read.file.name,
                content=content,
                metadata=metadata,
                item_id=pk,
                path=path,
                metadata_path=path,
            )
            entry = examiner.examine(record)
        if examiner.errors:
            self._refuse(pk, examiner.errors)
            examiner.errors.clear()
            return None
        entry.file = None
        self._settle(entry.item, read)
        return entry

    def _examiner(self, path: str) -> Examiner:
        if path not in self.examiners:
            self.examiners[path] = Examiner(
                actor=self.actor, folder=self.folders[path], keys=self.keys
            )
        return self.examiners[path]

    def _refuse(self, pk: UUID, errors: Sequence[FieldError]) -> None:
        """Note what is wrong; what was stored already goes."""
        self.result.errors += errors
        remove_item_files(pk)

    def _settle(self, item: Item, read: ReadFile) -> None:
        """What was measured; what only a worker can read keeps waiting."""
        item.size = read.size
        if self.mode is Mode.IN_PLACE:
            item.object_url = read.file.path.absolute().as_uri()
            item.integration = self.integration
            item.storage_key = ""
        if read.failure:
            item.state, item.failure = ItemState.FAILED, read.failure[:MAX_FAILURE_LENGTH]
            self.result.failed += 1
            self.result.errors.append(FieldError(read.file.relative, read.failure, "media"))
        elif read.values:
            item.width, item.height = read.values["width"], read.values["height"]
            item.mime_type = read.values["mime_type"] or item.mime_type
            item.state = ItemState.READY
            item.thumbnail_version = FIRST_VERSION

    def _read_waiting(self) -> None:
        """Read videos, here and now: nobody need run workers for them."""
        for done, pk in enumerate(self.waiting):
            self.told(done, len(self.waiting), "Reading videos")
            if process_item(item_id=pk) == ItemState.FAILED:
                failed = Item.objects.only("name", "failure").get(pk=pk)
                self.result.failed += 1
                self.result.errors.append(FieldError(failed.name, failed.failure, "media"))


@contextmanager
def _content(read: ReadFile) -> Iterator[bytes | IO[bytes]]:
    """What the examination looks at: an image's head; a video, whose metadata may name frames."""
    if read.is_image:
        yield io.BytesIO(read.head)
    else:
        with read.file.path.open("rb") as file:
            yield file


def _sidecar(path: Path | None) -> Any:
    """The metadata in a sidecar file.

    Raises:
        InvalidInput: it is no JSON.
    """
    if path is None:
        return {}
    if path.stat().st_size > _MAX_SIDECAR_BYTES:
        raise InvalidInput(f"{path.name} is too large.", code="sidecar")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{path.name} is no JSON: {error}", code="sidecar") from error
