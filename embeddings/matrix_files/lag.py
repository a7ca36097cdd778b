"""What has changed in a vector set since the revision that its file holds.

One statement answers it, so that it shows one state of the data: the changes after the revision,
and the present vectors of the changed units. (A shorter one tells first when there are none.) A
process remembers the answer and the next time asks only for what came after it; revisions become
visible in order, so nothing can fall in between.
"""
# ruff: noqa: S608 - what is put into the statement is a number or an identifier of ours

from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from embeddings.copying import elements, read_row
from embeddings.matrix_files import source
from embeddings.matrix_files.mapped import MappedMatrix
from embeddings.matrix_files.source import STAMP, Vectors, vectors_on_the_wire

# Beyond so many changes, or so many bytes of them, PostgreSQL answers until they are appended.
_MAX_CHANGES = 20_000
_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Lag:
    """The changes of a set between a file's revision and a later one.

    Attributes:
        revision, stamp: of the later one; see Manifest.
        changed: units whose rows in the file do not count, ascending.
        fresh: those of them that have a vector now, in the order of unit ids.
    """

    revision: int
    stamp: str
    changed: NDArray[np.int64]
    fresh: Vectors


def most_changes(dimensions: int) -> int:
    """So many units at most are read beside a file."""
    return max(1, min(_MAX_CHANGES, _MAX_BYTES // (4 * dimensions)))


class LagReader:
    """Reads lags, and remembers the last one of each matrix."""

    def __init__(self) -> None:
        """Begin without memory."""
        self._lock = Lock()
        self._known: WeakKeyDictionary[MappedMatrix, Lag] = WeakKeyDictionary()

    def read(self, matrix: MappedMatrix) -> Lag | None:
        """The lag of a matrix behind what is committed now.

        None when the matrix cannot be used: it is of another set or another history, changes are
        too many, or the present transaction sees an older state than the file holds.
        """
        none_yet = _nothing_changed(matrix)
        with self._lock:
            known = self._known.get(matrix, none_yet)
        lag = _read_after(matrix, known)
        if lag is None and known is not none_yet:
            # The present transaction may look at an older state than others have read already.
            lag = _read_after(matrix, none_yet)
        if lag is not None and lag is not known and _sees_only_what_is_committed():
            with self._lock:
                present = self._known.get(matrix)
                if present is None or present.revision < lag.revision:
                    self._known[matrix] = lag
        return lag


def _sees_only_what_is_committed() -> bool:
    """Whether this connection has no transaction open, in which it may have written itself."""
    return connection.get_autocommit() and not connection.in_atomic_block


def _nothing_changed(matrix: MappedMatrix) -> Lag:
    manifest = matrix.manifest
    fresh = Vectors(
        np.empty(0, dtype=np.int64),
        np.empty(0, dtype=np.float64),
        np.empty((0, manifest.dimensions), dtype=np.float32),
    )
    return Lag(manifest.revision, manifest.stamp, np.empty(0, dtype=np.int64), fresh)


def _read_after(matrix: MappedMatrix, known: Lag) -> Lag | None:
    """The known lag with what came after it."""
    manifest = matrix.manifest
    if _is_as_known(matrix, known):
        return known
    head, changed, ids, norms, values = read_row(_statement(matrix, known))
    set_id, revision, history_from, stamp_then, stamp_now, count = elements(head, "i8").tolist()
    ours = set_id == manifest.set_id and str(stamp_then) == known.stamp
    too_many = len(known.changed) + count > most_changes(manifest.dimensions)
    if not ours or not history_from <= known.revision <= revision or too_many:
        return None
    fresh = Vectors(
        unit_ids=elements(ids, "i8").astype(np.int64),
        norms=elements(norms, "f8").astype(np.float64),
        values=vectors_on_the_wire(values or b"", manifest.dimensions),
    )
    return _added(known, elements(changed, "i8").astype(np.int64), fresh, revision, str(stamp_now))


def _is_as_known(matrix: MappedMatrix, known: Lag) -> bool:
    """Whether nothing has happened since: mostly so, and quicker to see than to read nothing."""
    manifest = matrix.manifest
    state = source.read_state(root_id=manifest.root_id, key_id=manifest.key_id)
    if state is None or state.set_id != manifest.set_id:
        return False
    return (state.revision, state.stamp) == (known.revision, known.stamp)


def _added(
    known: Lag, changed: NDArray[np.int64], fresh: Vectors, revision: int, stamp: str
) -> Lag:
    """The known lag, and later changes over it."""
    kept = ~np.isin(known.fresh.unit_ids, changed, assume_unique=True)
    ids = np.concatenate([known.fresh.unit_ids[kept], fresh.unit_ids])
    order = np.argsort(ids)
    return Lag(
        revision=revision,
        stamp=stamp,
        changed=np.union1d(known.changed, changed),
        fresh=Vectors(
            unit_ids=ids[order],
            norms=np.concatenate([known.fresh.norms[kept], fresh.norms])[order],
            values=np.concatenate([known.fresh.values[kept], fresh.values])[order],
        ),
    )


def _statement(matrix: MappedMatrix, known: Lag) -> str:
    """(head, changed units, then ids, norms and values of those with a vector)."""
    key_id, root_id = int(matrix.manifest.key_id), matrix.manifest.root_id
    most = most_changes(matrix.manifest.dimensions)
    return f"""
        WITH s AS (
            SELECT id, revision, history_from FROM embeddings_vectorset
            WHERE root_id = '{root_id}' AND key_id = {key_id}
        ), recent AS (
            SELECT c.unit_id FROM embeddings_vectorchange c
            WHERE c.vector_set_id = (SELECT id FROM s) AND c.revision > {known.revision}
            ORDER BY c.revision LIMIT {most + 1}
        ), changed AS (
            SELECT DISTINCT unit_id FROM recent
            WHERE (SELECT count(*) FROM recent) <= {most}
        ), fresh AS (
            SELECT v.unit_id, v.norm, v.value FROM changed
            JOIN embeddings_vector v ON v.unit_id = changed.unit_id
            WHERE v.key_id = {key_id} AND v.root_id = '{root_id}'
        )
        SELECT
            ARRAY[
                coalesce((SELECT id FROM s), 0), coalesce((SELECT revision FROM s), 0),
                coalesce((SELECT history_from FROM s), 0),
                coalesce((SELECT {STAMP.format(revision=known.revision)} FROM s), 0),
                coalesce((SELECT {STAMP.format(revision="s.revision")} FROM s), 0),
                (SELECT count(*) FROM recent)
            ],
            (SELECT array_agg(unit_id) FROM changed),
            (SELECT array_agg(unit_id ORDER BY unit_id) FROM fresh),
            (SELECT array_agg(norm ORDER BY unit_id) FROM fresh),
            (SELECT string_agg(vector_send(value), ''::bytea ORDER BY unit_id) FROM fresh)
    """


LAGS = LagReader()
"""The one of this process."""
