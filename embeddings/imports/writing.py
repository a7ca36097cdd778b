"""The write of a file of vectors: one transaction, all of it or nothing.

The file is gone through twice: for the ids alone, which say the units, and for the vectors, which
go straight into the table. A killed worker leaves nothing behind, and the next one begins anew.
"""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt
from django.db import transaction

from core.errors import Conflict, FieldError, InvalidInput
from core.services import audit
from embeddings.bulk.ahead import read_ahead
from embeddings.bulk.rows import Mask
from embeddings.imports.checking import stage_ids
from embeddings.imports.missing import Times, add_missing, times_of_missing
from embeddings.imports.source import Source, open_source
from embeddings.imports.unresolved import exists_error, repeats, unresolved
from embeddings.services.row_targets import NONE, RowStage, Targets
from embeddings.services.staging import UnitStage
from embeddings.services.vector_rows import UNITS_MOVED, staged_with_vector
from embeddings.services.vectors import VectorBatch, write_stream
from folders.choices import KeyType
from folders.constants import BATCH_SIZE
from folders.imports.run import ImportRun
from folders.models import MetadataKey, Unit
from folders.services.following import Effects, follow_in_batches, moving_near
from folders.services.frames import hold_items, mark_key_frames
from folders.services.locks import share_tree
from folders.services.schema import add_key

# A folder is moved once in a while, not again and again.
_TRIES = 3


def write(run: ImportRun) -> None:
    """Write the rows that the check found right, wherever their folder may have gone since."""
    with open_source(run) as source:
        right = np.ones(source.file.rows, dtype=np.bool_)
        right[list(run.wrong_entries())] = False
        for rest in reversed(range(_TRIES)):
            run.reload_folder()
            try:
                _write_all(run, source, right)
                return
            except Conflict as error:
                if error.code != UNITS_MOVED or not rest:
                    raise
            # Nothing is written: begin anew once all have arrived where they go.
            run.begin_anew()
            _settle(run)


def _settle(run: ImportRun) -> None:
    """Take the units along that are still to follow a move of the folder; a job may do so too, but
    it may wait for this one to end.
    """
    for moving in moving_near(run.folder):
        for _ in follow_in_batches(moving, Effects()):
            run.job.progress(step="Waiting for the items that are being moved")


def _write_all(run: ImportRun, source: Source, right: Mask) -> None:
    times = _times(run, source, right) if run.report.details.get("new_frames") else {}
    with transaction.atomic():
        _write(run, source, right, times)
        # Last, so that the import's row is not locked while vectors are written: whoever
        # cancels it would wait.
        with run.batch({}, last=True):
            pass


def _write(run: ImportRun, source: Source, right: Mask, times: Times) -> None:
    key = source.key or _new_key(run, source)
    stage = _staged(source, right)
    if times:
        share_tree(run.folder.organisation_id)
    stage.find_items(run.folder, source.kind)
    framed = stage.items_with_frames()
    for start in range(0, len(framed), BATCH_SIZE):
        hold_items(framed[start : start + BATCH_SIZE])
    targets = stage.find_units()
    run.report.frames += add_missing(targets, times)
    chosen = _chosen(run, source, stage, targets, right, key)
    unit_ids = targets.unit_ids[chosen]
    if framed:
        _mark_key_frames(targets.unit_ids[chosen & targets.framed].tolist())
    report = write_stream(
        key=key,
        root_id=run.folder.root_id,
        unit_ids=unit_ids,
        batches=_batches(run, source, key, targets, chosen),
    )
    run.report.vectors[key.name] += report.written
    audit.record(
        actor=run.actor,
        action="vectors.imported",
        target=run.folder,
        data={"key": key.name, "count": report.written, "import": str(run.row.pk)},
    )


def _new_key(run: ImportRun, source: Source) -> MetadataKey:
    return add_key(
        actor=run.actor,
        name=source.options.key,
        type=KeyType.EMBEDDING,
        dimensions=source.file.dimensions,
        metric=source.options.metric,
    )


def _staged(source: Source, right: Mask) -> RowStage:
    stage = RowStage(source.file.rows)
    for batch in source.file.batches(values=False):
        stage_ids(stage, batch, source.kind, right[batch.start : batch.start + len(batch)])
    return stage


def _times(run: ImportRun, source: Source, right: Mask) -> Times:
    """Times of the frames that have no unit; read before the transaction that writes."""
    with transaction.atomic():
        stage = _staged(source, right)
        stage.find_items(run.folder, source.kind)
        targets = stage.find_units()
    return times_of_missing(run, targets)


def _chosen(
    run: ImportRun,
    source: Source,
    stage: RowStage,
    targets: Targets,
    right: Mask,
    key: MetadataKey,
) -> Mask:
    """Rows to be written; those that were right when they were checked and are wrong by now are
    noted, or refused with all others unless errors are ignored.
    """
    late = [
        *unresolved(stage, targets, right, source.kind),
        *repeats(Targets(np.where(right, targets.unit_ids, NONE), targets.items, right, {})),
    ]
    if not source.options.upsert:
        units = np.where(right, targets.unit_ids, NONE)
        there = staged_with_vector(UnitStage(units[units != NONE]), key.pk)
        late += [exists_error(row, key.name) for row in _rows(np.isin(units, there))]
    named = {int(error.path.split(".")[1]) for error in late}
    late += [_gone(row) for row in _rows(right & (targets.unit_ids == NONE)) if row not in named]
    if late and not run.ignore_errors:
        raise InvalidInput(
            f"{len(late):,} rows are not valid any more: items were changed since the check. "
            "Nothing was imported.",
            errors=late[:50],
        )
    chosen = right.copy()
    for error in late:
        row = int(error.path.split(".")[1])
        chosen[row] = False
        run.errors.add(error, entry=row)
    return chosen


def _gone(row: int) -> FieldError:
    return FieldError(f"rows.{row}.frame", "The frame is not there any more.", "unknown_frame")


def _batches(
    run: ImportRun, source: Source, key: MetadataKey, targets: Targets, chosen: Mask
) -> Iterator[VectorBatch]:
    rows = source.file.rows
    for batch in read_ahead(source.file.batches()):
        end = batch.start + len(batch)
        kept = chosen[batch.start : end] & batch.usable
        places = np.flatnonzero(kept) + batch.start
        if len(places):
            yield VectorBatch(
                key=key,
                unit_ids=targets.unit_ids[places],
                values=batch.values if kept.all() else batch.values[kept],
                paths=_Paths(places),
            )
        run.job.progress(done=rows + end, total=2 * rows, step="Writing vectors")


class _Paths(Sequence[str]):
    """Where rows stand, put in words only when an error asks."""

    def __init__(self, places: npt.NDArray[np.int64]) -> None:
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return _Paths(self._places[place])
        return f"rows.{self._places[place]}.vector"


def _mark_key_frames(unit_ids: list[int]) -> None:
    ordered = sorted(unit_ids)
    for start in range(0, len(ordered), BATCH_SIZE):
        mark_key_frames(Unit.objects.filter(pk__in=ordered[start : start + BATCH_SIZE]))


def _rows(mask: Mask) -> list[int]:
    return [int(row) for row in np.flatnonzero(mask)]
