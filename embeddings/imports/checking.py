"""The check of a file of vectors: reads all of it, writes nothing.

Rows are counted from 0 and named as `rows.<number>`; a row with an error is one entry.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from django.db import transaction

from core.errors import FieldError
from embeddings.bulk import RowBatch
from embeddings.bulk.ids import IdKind, as_uuid, wrong_ids
from embeddings.bulk.rows import WHOLE, Mask
from embeddings.imports.missing import frame_errors
from embeddings.imports.source import Source, open_source
from embeddings.imports.unresolved import exists_error, repeats, unresolved
from embeddings.services.row_targets import NONE, RowStage, Targets
from embeddings.services.staging import UnitStage
from embeddings.services.vector_rows import staged_with_vector
from embeddings.values import check_finite
from folders.imports.report import SAMPLE_SIZE
from folders.imports.run import ImportRun

_SAMPLE_VALUES = 6


@dataclass(slots=True)
class _Scan:
    """What was seen while the rows went by."""

    run: ImportRun
    source: Source
    stage: RowStage
    wrong: Mask
    staged: Mask
    zero: int = 0
    sample: list[dict[str, object]] = field(default_factory=list)

    def add(self, error: FieldError) -> None:
        """Note an error of one row."""
        row = int(error.path.split(".")[1])
        self.wrong[row] = True
        self.run.errors.add(error, entry=row)


def check(run: ImportRun) -> None:
    """Fill the run's report and errors."""
    # The tables that ids are staged in live as long as the transaction; nothing else is written.
    with open_source(run) as source, transaction.atomic():
        rows = source.file.rows
        scan = _Scan(
            run,
            source,
            RowStage(rows),
            wrong=np.zeros(rows, dtype=np.bool_),
            staged=np.zeros(rows, dtype=np.bool_),
        )
        for batch in source.file.batches():
            _scan(scan, batch)
            done = batch.start + len(batch)
            run.job.progress(done=done, total=2 * rows, step="Reading the file")
        run.job.progress(step="Looking for the items")
        scan.stage.find_items(run.folder, source.kind)
        targets = scan.stage.find_units()
        _match(scan, targets)
        _report(scan, targets)


def stage_ids(stage: RowStage, batch: RowBatch, kind: IdKind, usable: Mask) -> None:
    """Stage the rows of a batch that are `usable`."""
    places = np.flatnonzero(usable)
    ids = batch.ids or []
    chosen = ids if len(places) == len(ids) else [ids[place] for place in places.tolist()]
    if kind is IdKind.ITEM:
        chosen = [as_uuid(one) for one in chosen]
    stage.add(places + batch.start, chosen, batch.frames[places])


def _scan(scan: _Scan, batch: RowBatch) -> None:
    """Look at the rows by themselves."""
    ids = batch.ids or []
    for error in batch.errors:
        scan.add(error)
    misnamed = wrong_ids(ids, scan.source.kind, batch.start)
    for error in misnamed.values():
        scan.add(error)
    named = (batch.frames >= WHOLE) & (batch.frames < 2**31)
    named[list(misnamed)] = False
    scan.staged[batch.start : batch.start + len(batch)] = named
    stage_ids(scan.stage, batch, scan.source.kind, named)
    if not np.isfinite(batch.values[batch.usable]).all():
        _add_not_finite(scan, batch)
    scan.zero += int((batch.usable & ~batch.values.any(axis=1)).sum())
    if len(scan.sample) < SAMPLE_SIZE:
        _add_samples(scan, batch, ids)


def _add_not_finite(scan: _Scan, batch: RowBatch) -> None:
    values = np.where(batch.usable[:, None], batch.values, np.float32(0))
    errors = check_finite(
        values, path_of=lambda row: f"rows.{batch.start + row}.vector", limit=len(values)
    )
    for error in errors:
        scan.add(error)


def _add_samples(scan: _Scan, batch: RowBatch, ids: list[str]) -> None:
    for place in range(min(SAMPLE_SIZE - len(scan.sample), len(batch))):
        frame = int(batch.frames[place])
        beginning = [float(str(value)) for value in batch.values[place, :_SAMPLE_VALUES]]
        # JSON has no word for what is not finite.
        values = [value if np.isfinite(value) else str(value) for value in beginning]
        scan.sample.append(
            {
                "row": batch.start + place,
                "id": ids[place][:300].replace("\0", ""),
                "frame": None if frame == WHOLE else frame,
                "values": values,
            }
        )


def _match(scan: _Scan, targets: Targets) -> None:
    """Name the rows that have no unit, several, or one that another row has."""
    errors: Iterable[FieldError]
    for errors in (
        unresolved(scan.stage, targets, scan.staged, scan.source.kind),
        frame_errors(scan.run, targets),
        repeats(targets),
    ):
        for error in errors:
            scan.add(error)


def _report(scan: _Scan, targets: Targets) -> None:
    run, source, file = scan.run, scan.source, scan.source.file
    replaced = _replaced(scan, targets)
    right = int((~scan.wrong).sum())
    codes = run.errors.by_code
    run.report.counts["rows"] = file.rows
    run.report.sample = scan.sample
    run.report.failed = file.rows - right
    run.report.duplicates = replaced
    run.report.details = {
        "format": file.format,
        "dimensions": file.dimensions,
        "dtype": file.dtype,
        "key": source.options.key,
        "new_key": source.options.create,
        "id_kind": source.kind,
        "id_column": file.id_column,
        "frame_column": file.frame_column,
        "matched": int((scan.staged & (targets.items == 1)).sum()),
        "unmatched": codes["unknown_item"],
        "ambiguous": codes["ambiguous"],
        "repeated": codes["repeated"],
        "not_finite": codes["not_finite"],
        "zero": scan.zero,
        "new_frames": sum(len(frames) for frames in targets.missing.values()),
        "replaced": replaced,
        "to_write": right,
    }
    run.report.warnings += _warnings(scan, replaced)


def _replaced(scan: _Scan, targets: Targets) -> int:
    """How many vectors are there already; errors where they are to stay."""
    if scan.source.key is None:
        return 0
    right = np.flatnonzero(~scan.wrong & (targets.unit_ids != NONE))
    units = targets.unit_ids[right]
    there = staged_with_vector(UnitStage(units), scan.source.key.pk)
    if not scan.source.options.upsert:
        for row in right[np.isin(units, there)].tolist():
            scan.add(exists_error(row, scan.source.options.key))
        return 0
    return len(there)


def _warnings(scan: _Scan, replaced: int) -> list[str]:
    file, warnings = scan.source.file, []
    if file.dtype == "float64":
        warnings.append("The numbers are float64; each is rounded once to float32.")
    if scan.zero:
        are = "1 vector is" if scan.zero == 1 else f"{scan.zero:,} vectors are"
        warnings.append(f"{are} all zeros: stored, but without a cosine distance to any other.")
    if replaced:
        what = "1 unit has a vector" if replaced == 1 else f"{replaced:,} units have vectors"
        warnings.append(f"{what} under “{scan.source.options.key}” already; they are replaced.")
    return warnings
