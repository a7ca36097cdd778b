"""Which units the rows of a file are for: looked up for all rows at once, by joins.

The ids are staged by COPY in a temporary table, with their row numbers. Rows become items (within a
folder and below it) by id, name or address of the object; items become units. An image of a
sequence stands for the sequence's frame at its place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection

from embeddings.bulk.ids import IdKind
from embeddings.bulk.rows import WHOLE, Mask
from embeddings.copying import read_records
from folders.kinds import all_kinds
from folders.models import Folder

UnitIds = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int64]

# In `unit_ids`: none.
NONE = -1

# How the ids of each kind find items (i) for staged rows (s).
_MATCHES = {
    IdKind.ITEM: "i.id = s.id::uuid",
    IdKind.NAME: "i.name = s.id",
    # The index holds hashes: addresses may be longer than an index entry can be.
    IdKind.URL: "i.object_url <> '' AND md5(i.object_url) = md5(s.id) AND i.object_url = s.id",
}
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Targets:
    """What the rows of a file were found to be for.

    Attributes:
        unit_ids: int64 of shape (rows,); NONE where a row has no unit, for whatever reason.
        items: how many items each row's id fits; rows that were not staged have 0.
        framed: of shape (rows,); whether the row is for a frame.
        missing: rows of frames that have no unit yet, by item: frame number by row.
    """

    unit_ids: UnitIds
    items: Counts
    framed: Mask
    missing: dict[UUID, dict[int, int]]


class RowStage:
    """The ids of a file's rows, in temporary tables that are dropped with the transaction."""

    def __init__(self, rows: int) -> None:
        """Make the tables, anew in each transaction."""
        self._rows = rows
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.row_ids, pg_temp.row_targets")
            cursor.execute(
                "CREATE TEMPORARY TABLE row_ids"
                " (place integer NOT NULL, id text NOT NULL, frame integer NOT NULL)"
                " ON COMMIT DROP"
            )

    def add(self, places: npt.NDArray[np.int64], ids: Sequence[str], frames: UnitIds) -> None:
        """Stage rows by their numbers."""
        joined = "".join(ids)
        if any(sign in joined for sign in "\\\t\n\r"):
            ids = [one.translate(_ESCAPES) for one in ids]
        rows = zip(places.tolist(), ids, frames.tolist(), strict=True)
        text = "".join([f"{place}\t{one}\t{frame}\n" for place, one, frame in rows])
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY row_ids (place, id, frame) FROM STDIN") as copy,
        ):
            copy.write(text)

    def find_items(self, folder: Folder, kind: IdKind) -> None:
        """Find the items of all staged rows, in the folder and below it; once.

        The folder may have been moved since it was read: its place is looked up in the statement.
        """
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE row_ids")
            cursor.execute(
                f"""
                CREATE TEMPORARY TABLE row_targets ON COMMIT DROP AS
                SELECT s.place, coalesce(w.id, i.id) AS item_id,
                    CASE WHEN w.id IS NULL THEN s.frame ELSE i.position END AS frame
                FROM row_ids s
                JOIN folders_item i ON {_MATCHES[kind]} AND i.folder_id IN (
                    SELECT below.id FROM folders_folder below JOIN folders_folder top
                    ON top.id = %s AND starts_with(below.path, top.path)
                    WHERE below.deleted_at IS NULL)
                LEFT JOIN folders_item w ON w.id = i.parent_id AND w.kind = ANY (%s)
                """,  # noqa: S608 - one of our own conditions
                [folder.pk, [kind.name for kind in all_kinds() if kind.parts_are_frames]],
            )
            cursor.execute("ANALYZE row_targets")

    def find_units(self) -> Targets:
        """Find the units of the items and frames that `find_items` found."""
        columns = [("place", "i4"), ("frame", "i4")]
        found = read_records("SELECT place, frame FROM row_targets", [], columns)
        items = np.bincount(found["place"], minlength=self._rows).astype(np.int64)
        framed = np.zeros(self._rows, dtype=np.bool_)
        framed[found["place"][found["frame"] != WHOLE]] = True
        unit_ids = self._units()
        unit_ids[items != 1] = NONE
        return Targets(unit_ids, items, framed, self._missing(items, unit_ids))

    def texts(self, places: Sequence[int]) -> Iterator[tuple[int, str]]:
        """The ids of some rows as they were staged."""
        with connection.cursor() as cursor:
            for start in range(0, len(places), 10_000):
                cursor.execute(
                    "SELECT place, id FROM row_ids WHERE place = ANY (%s::int[]) ORDER BY place",
                    [list(places[start : start + 10_000])],
                )
                yield from cursor.fetchall()

    def items_with_frames(self) -> list[UUID]:
        """The items of which frames are named, in the order of their ids."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT item_id FROM row_targets WHERE frame <> %s ORDER BY 1", [WHOLE]
            )
            return [item_id for (item_id,) in cursor.fetchall()]

    def _units(self) -> UnitIds:
        # Two joins, not one by IS NOT DISTINCT FROM, which no index serves.
        statement = """
            SELECT t.place, u.id FROM row_targets t
            JOIN folders_unit u ON u.item_id = t.item_id AND u.frame IS NULL
            WHERE t.frame = %s
            UNION ALL
            SELECT t.place, u.id FROM row_targets t
            JOIN folders_unit u ON u.item_id = t.item_id AND u.frame = t.frame
            WHERE t.frame <> %s
        """
        found = read_records(statement, [WHOLE, WHOLE], [("place", "i4"), ("unit", "i8")])
        unit_ids = np.full(self._rows, NONE, dtype=np.int64)
        unit_ids[found["place"]] = found["unit"]
        return unit_ids

    def _missing(self, items: Counts, unit_ids: UnitIds) -> dict[UUID, dict[int, int]]:
        places = np.flatnonzero((items == 1) & (unit_ids == NONE))
        missing: dict[UUID, dict[int, int]] = {}
        with connection.cursor() as cursor:
            for start in range(0, len(places), 10_000):
                cursor.execute(
                    "SELECT place, item_id, frame FROM row_targets"
                    " WHERE place = ANY (%s::int[]) AND frame <> %s",
                    [places[start : start + 10_000].tolist(), WHOLE],
                )
                for place, item_id, frame in cursor.fetchall():
                    missing.setdefault(item_id, {})[place] = frame
        return missing
