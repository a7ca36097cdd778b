"""The units that a question is put to: its filter, cut by what the person may see.

One statement reads their ids. They are kept by the statement's text, in which the filter and the
person's view stand with every value, for as long as nothing has changed that it looks at: each
transaction that changes units, items or folders of a root leaves a row (see the migration
root_activity), and rows that were not there yet when the mask was read make it void.
"""
# ruff: noqa: S608 - what is put into statements is an id of ours or a snapshot of PostgreSQL's

import re
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection

from embeddings.copying import read_records
from embeddings.matrix_files.mapped import MappedMatrix, Places
from embeddings.search.question import Question

UnitIds = npt.NDArray[np.int64]

_KEPT_BYTES = 64 * 1024 * 1024
# Selections of many items are written out id by id; nobody asks for the same one for long.
_LONGEST_TEXT = 100_000
# Far less than rows of activity are kept.
_KEPT_SECONDS = 3600.0
_VECTORS = "embeddings_vector"
# Filters on anything else are asked anew each time. Values in typed form are written in the
# statements that change their units; vectors raise the revision of their set. Apps add tables whose
# triggers note the activity (watch).
_WATCHED = {
    "folders_unit", "folders_item", "folders_folder", "folders_indexedvalue", _VECTORS,
}  # fmt: skip


@dataclass(slots=True)
class Mask:
    """Some units, with or without a vector.

    Attributes:
        unit_ids: ascending, each once.
    """

    unit_ids: UnitIds
    _places: tuple[int, Places] | None = field(default=None)

    def places_in(self, matrix: MappedMatrix) -> Places:
        """The living rows of the units in a matrix, ascending; remembered for the last one."""
        known = self._places
        if known is None or known[0] != matrix.token:
            known = matrix.token, np.sort(matrix.places_of(self.unit_ids))
            self._places = known
        return known[1]

    def covers(self, unit_ids: UnitIds) -> npt.NDArray[np.bool_]:
        """Which of some units are among these."""
        return np.isin(unit_ids, self.unit_ids, assume_unique=True)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A mask, and the state of the data that it was read in or before."""

    mask: Mask
    snapshot: str
    revisions: int
    read_at: float


class Masks:
    """Reads masks, and keeps those read last."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def of(self, question: Question) -> Mask | None:
        """The units that a question is put to; None for the whole root."""
        try:
            statement = question.units_sql()
        except EmptyResultSet:
            return Mask(np.empty(0, dtype=np.int64))
        if statement is None:
            return None
        in_transaction = connection.in_atomic_block or not connection.get_autocommit()
        # What this transaction has changed itself is nothing to keep.
        if in_transaction or len(statement) > _LONGEST_TEXT or _looks_far(statement):
            return _read(statement)
        with self._lock:
            kept = self._kept.get(statement)
        snapshot, revisions, untouched = _state(question.root_id, kept)
        if kept is not None and untouched and self._is_fresh(statement, kept, revisions):
            return kept.mask
        mask = _read(statement)
        self._keep(statement, _Kept(mask, snapshot, revisions, time.monotonic()))
        return mask

    def forget(self) -> None:
        """Keep none."""
        with self._lock:
            self._kept.clear()

    def _is_fresh(self, statement: str, kept: _Kept, revisions: int) -> bool:
        unchanged = _VECTORS not in statement or kept.revisions == revisions
        return unchanged and time.monotonic() - kept.read_at < _KEPT_SECONDS

    def _keep(self, statement: str, kept: _Kept) -> None:
        with self._lock:
            self._kept[statement] = kept
            self._kept.move_to_end(statement)
            # As many places as ids, at most.
            total = sum(2 * one.mask.unit_ids.nbytes for one in self._kept.values())
            while total > _KEPT_BYTES:
                total -= 2 * self._kept.popitem(last=False)[1].mask.unit_ids.nbytes


def watch(table: str) -> None:
    """Keep masks that look at a table: triggers of its app call embeddings_note_activity."""
    _WATCHED.add(table)
    _unwatched_tables.cache_clear()


def _read(statement: str) -> Mask:
    # The statement is complete: its percent signs are its own.
    records = read_records(statement.replace("%", "%%"), [], [("unit", "i8")])
    return Mask(np.unique(records["unit"].astype(np.int64)))


def _state(root_id: UUID, kept: _Kept | None) -> tuple[str, int, bool]:
    """(snapshot, revisions of the root's sets added up, whether a kept mask was left untouched)."""
    untouched = "false"
    if kept is not None:
        untouched = f"""NOT EXISTS (
            SELECT FROM embeddings_rootactivity WHERE root_id = '{root_id}'
            AND xid >= pg_snapshot_xmin('{kept.snapshot}'::pg_snapshot)
            AND NOT pg_visible_in_snapshot(xid, '{kept.snapshot}'::pg_snapshot)
        )"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT pg_current_snapshot()::text, (
                SELECT coalesce(sum(revision), 0) FROM embeddings_vectorset
                WHERE root_id = '{root_id}'
            )::bigint, {untouched}
            """
        )
        snapshot, revisions, left_alone = cursor.fetchone()
    return snapshot, revisions, left_alone


def _looks_far(statement: str) -> bool:
    """Whether a statement looks at tables whose changes nobody tells us."""
    words = set(re.findall(r"\w+", statement))
    return not words.isdisjoint(_unwatched_tables())


@cache
def _unwatched_tables() -> frozenset[str]:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return frozenset(tables - _WATCHED)


MASKS = Masks()
"""The one of this process."""
