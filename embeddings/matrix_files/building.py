"""Makes matrix files and brings them up to date. Nothing is ever written over.

Whoever builds holds the set's lock. The revision is read first, the vectors later: a change in
between may be in the file, and is in any case among the changes after its revision, which readers
take from PostgreSQL.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from embeddings.matrix_files import source
from embeddings.matrix_files.errors import DamagedFile
from embeddings.matrix_files.folders import set_folder
from embeddings.matrix_files.manifest import Manifest, Part, pack, read_manifest, write_manifest
from embeddings.matrix_files.mapped import MappedMatrix, open_matrix_folder
from embeddings.matrix_files.segment import SEGMENT_ROWS, SegmentWriter
from embeddings.matrix_files.source import SetState, Vectors

# Beyond this share of dead rows the file is made anew.
MAX_DEAD_SHARE = 0.2
# Segments at the end that hold fewer rows are taken into the next one.
_SMALL_SEGMENT_ROWS = SEGMENT_ROWS // 2


def bring_up_to_date(*, root_id: UUID, key_id: int, dimensions: int, anew: bool = False) -> bool:
    """Make the set's file, or append what has changed since; the caller holds the lock.

    Args:
        anew: make it anew, whatever is there.

    Returns:
        Whether there is a file now: none is made where there never was a vector.
    """
    folder = set_folder(root_id, key_id)
    state = source.read_state(root_id=root_id, key_id=key_id)
    if state is None:
        return False
    present = None if anew else _usable(folder, state, dimensions)
    if present is not None and present.revision == state.revision:
        return True
    try:
        if present is None or not _append(folder, present, state):
            _build(folder, root_id, key_id, dimensions, state)
    finally:
        sweep(folder)
    return True


def sweep(folder: Path) -> None:
    """Remove what no manifest names; the caller holds the lock."""
    try:
        named = {part.name for part in read_manifest(folder).parts}
    except (DamagedFile, FileNotFoundError):
        named = set()
    for path in folder.iterdir():
        if path.suffix in (".rows", ".new") and path.name not in named:
            path.unlink(missing_ok=True)


def _usable(folder: Path, state: SetState, dimensions: int) -> MappedMatrix | None:
    """The present file, if it is one of this set's own history."""
    try:
        matrix = open_matrix_folder(folder)
    except (DamagedFile, FileNotFoundError):
        return None
    manifest = matrix.manifest
    stamp = source.stamp_at(state.set_id, manifest.revision)
    ours = (manifest.set_id, manifest.dimensions) == (state.set_id, dimensions)
    if not ours or manifest.stamp != stamp:
        return None
    if not state.history_from <= manifest.revision <= state.revision:
        return None
    return matrix


def _build(folder: Path, root_id: UUID, key_id: int, dimensions: int, state: SetState) -> None:
    """Write all segments anew."""
    started = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    vectors = source.stream_set(root_id=root_id, key_id=key_id, dimensions=dimensions)
    parts = _write_segments(folder, dimensions, vectors)
    manifest = Manifest(
        set_id=state.set_id,
        root_id=root_id,
        key_id=key_id,
        dimensions=dimensions,
        revision=state.revision,
        stamp=state.stamp,
        parts=parts,
        dead=pack(np.zeros(sum(part.rows for part in parts), dtype=np.bool_)),
        built_at=time.time(),
        build_seconds=time.monotonic() - started,
    )
    write_manifest(folder, manifest)


def _append(folder: Path, present: MappedMatrix, state: SetState) -> bool:
    """Write what has changed into a segment of its own; False when a new file is due instead."""
    started = time.monotonic()
    old = present.manifest
    changed = source.changed_units(state.set_id, after=old.revision, up_to=state.revision)
    dead = ~present.alive
    dead[present.places_of(changed)] = True
    if dead.sum() > MAX_DEAD_SHARE * max(len(dead), 1) or len(changed) > len(dead):
        return False
    kept = _parts_to_keep(old.parts)
    absorbed = present.starts[kept]
    living = absorbed + np.flatnonzero(~dead[absorbed:])
    fresh = source.stream_units(
        root_id=old.root_id, key_id=old.key_id, dimensions=old.dimensions, unit_ids=changed
    )
    vectors = _merged(_rows_of(present, living), list(fresh), old.dimensions)
    parts = (*old.parts[:kept], *_write_segments(folder, old.dimensions, [vectors]))
    still_dead = dead[:absorbed]
    rows = sum(part.rows for part in parts)
    write_manifest(
        folder,
        replace(
            old,
            revision=state.revision,
            stamp=state.stamp,
            parts=parts,
            dead=pack(np.append(still_dead, np.zeros(rows - absorbed, dtype=np.bool_))),
            appended_at=time.time(),
            append_seconds=time.monotonic() - started,
        ),
    )
    return True


def _parts_to_keep(parts: tuple[Part, ...]) -> int:
    """How many segments stay as they are: all before the small ones at the end."""
    count = len(parts)
    while count and parts[count - 1].rows < _SMALL_SEGMENT_ROWS:
        count -= 1
    return count


def _rows_of(matrix: MappedMatrix, places: NDArray[np.intp]) -> Vectors:
    return Vectors(matrix.unit_ids[places], matrix.norms[places], matrix.rows(places))


def _merged(first: Vectors, others: Iterable[Vectors], dimensions: int) -> Vectors:
    """All vectors in the order of unit ids; no unit is among two of them."""
    everything = [first, *others]
    unit_ids = np.concatenate([one.unit_ids for one in everything])
    order = np.argsort(unit_ids)
    norms = np.concatenate([one.norms for one in everything])
    values = np.concatenate([one.values.reshape(-1, dimensions) for one in everything])
    return Vectors(unit_ids[order], norms[order], values[order])


def _write_segments(folder: Path, dimensions: int, vectors: Iterable[Vectors]) -> tuple[Part, ...]:
    """Write vectors that come in the order of unit ids; memory holds one block of them."""
    parts: list[Part] = []
    blocks = _cut(vectors)
    block = next(blocks, None)
    while block is not None:
        path = folder / f"{uuid4().hex}.rows"
        with SegmentWriter(path, dimensions) as writer:
            while block is not None and writer.rows + len(block.unit_ids) <= SEGMENT_ROWS:
                writer.append(block.unit_ids, block.norms, block.values)
                block = next(blocks, None)
        parts.append(Part(path.name, writer.rows, writer.checksum))
    return tuple(parts)


def _cut(vectors: Iterable[Vectors]) -> Iterator[Vectors]:
    """The same vectors in blocks that fill segments exactly, none of them empty."""
    filled = 0
    for some in vectors:
        start = 0
        while start < len(some.unit_ids):
            end = min(len(some.unit_ids), start + SEGMENT_ROWS - filled)
            yield Vectors(some.unit_ids[start:end], some.norms[start:end], some.values[start:end])
            filled = (filled + end - start) % SEGMENT_ROWS
            start = end
