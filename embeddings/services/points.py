"""Writes the points of a map, and removes those of units that are gone from its root folder."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import QuerySet
from numpy.typing import NDArray

from embeddings.choices import Placement
from embeddings.copying import read_queryset, wire_layout, write_records
from embeddings.models import Reduction, ReductionPoint
from embeddings.reductions.placing import Places

_STAGE = "reduction_point_stage"
_COLUMNS = [
    ("unit_id", "i8"),
    ("x", "f4"),
    ("y", "f4"),
    ("ordinal", "i4"),
    ("neighbour_distance", "f4"),
]


def replace_points(
    *, reduction: Reduction, unit_ids: NDArray[np.int64], points: NDArray[np.float32]
) -> int:
    """Make these the points of a map, ordinals from 0 on in their order; call in a transaction.

    Units that were deleted or left the root folder meanwhile are passed over. Returns how many
    points the map has.
    """
    ReductionPoint.objects.filter(reduction=reduction).delete()
    distances = np.full(len(unit_ids), np.nan, dtype=np.float32)
    return _insert(reduction, Placement.LAYOUT, unit_ids, Places(points, distances), 0)


def add_placed_points(
    *, reduction: Reduction, unit_ids: NDArray[np.int64], places: Places, first_ordinal: int
) -> int:
    """Add points to a map, ordinals from `first_ordinal` on in their order; in a transaction.

    Units that were deleted or left the root folder meanwhile are passed over. Returns how many
    points were added.
    """
    if not len(unit_ids):
        return 0
    return _insert(reduction, Placement.NEIGHBOURS, unit_ids, places, first_ordinal)


def remove_points(*, reduction: Reduction, unit_ids: NDArray[np.int64]) -> int:
    """Take units off a map; returns how many were on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM embeddings_reductionpoint"
            " WHERE reduction_id = %s AND unit_id = ANY (%s::bigint[])",
            [reduction.pk, unit_ids.tolist()],
        )
        return int(cursor.rowcount)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Points of a map: unit ids, ascending, of shape (n,); places (n, 2)."""

    unit_ids: NDArray[np.int64]
    points: NDArray[np.float32]

    def without(self, unit_ids: NDArray[np.int64]) -> "LaidOut":
        """All but some."""
        kept = ~np.isin(self.unit_ids, unit_ids)
        return LaidOut(self.unit_ids[kept], self.points[kept])

    def find(self, unit_ids: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where units stand here, and whether they do."""
        if not len(self.unit_ids):
            nowhere = np.zeros(len(unit_ids), dtype=np.intp)
            return nowhere, np.zeros(len(unit_ids), dtype=bool)
        places = np.minimum(np.searchsorted(self.unit_ids, unit_ids), len(self.unit_ids) - 1)
        return places, self.unit_ids[places] == unit_ids


def laid_out_points(reduction: Reduction) -> LaidOut:
    """What later points are placed by: places of placed ones are guesses, and no guide."""
    return _read(ReductionPoint.objects.filter(reduction=reduction, placement=Placement.LAYOUT))


def all_points(reduction: Reduction) -> LaidOut:
    """All points of a map, however they came to their places."""
    return _read(ReductionPoint.objects.filter(reduction=reduction))


def _read(points: QuerySet[ReductionPoint, ReductionPoint]) -> LaidOut:
    columns = [("unit", "i8"), ("x", "f4"), ("y", "f4")]
    rows = read_queryset(points.order_by("unit").values_list("unit", "x", "y"), columns)
    return LaidOut(
        rows["unit"].astype(np.int64), np.column_stack([rows["x"], rows["y"]]).astype(np.float32)
    )


def _insert(
    reduction: Reduction,
    placement: Placement,
    unit_ids: NDArray[np.int64],
    places: Places,
    first_ordinal: int,
) -> int:
    records = np.empty(len(unit_ids), dtype=wire_layout(_COLUMNS))
    records["unit_id"] = unit_ids
    records["x"], records["y"] = places.points[:, 0], places.points[:, 1]
    records["ordinal"] = first_ordinal + np.arange(len(unit_ids))
    records["neighbour_distance"] = places.distances
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{_STAGE}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {_STAGE}"
            " (unit_id bigint, x real, y real, ordinal integer, neighbour_distance real)"
            " ON COMMIT DROP"
        )
        write_records(_STAGE, _COLUMNS, records)
        # The lock keeps the units from being deleted or moved before this transaction ends.
        cursor.execute(
            f"""
            INSERT INTO embeddings_reductionpoint
                (reduction_id, unit_id, x, y, ordinal, placement, neighbour_distance)
            SELECT %s, s.unit_id, s.x, s.y, s.ordinal, %s, nullif(s.neighbour_distance, 'nan')
            FROM {_STAGE} s JOIN folders_unit u ON u.id = s.unit_id
            WHERE u.root_id = %s ORDER BY s.ordinal FOR SHARE OF u
            """,  # noqa: S608 - the name of our own table
            [reduction.pk, placement.value, reduction.root_id],
        )
        return int(cursor.rowcount)


def forget_points(unit_ids: Iterable[int], root_id: UUID) -> int:
    """Take units that are deleted, or went to another root folder, off the maps of the root.

    Each map notes how many it has lost since it was computed. Registered with folders as a hook.
    Returns how many points went, over all maps.
    """
    # In the order of ids, so that two batches of one root wait for each other and go on.
    maps = Reduction.objects.filter(root=root_id).order_by("pk").select_for_update(no_key=True)
    ids = list(maps.values_list("pk", flat=True))
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                DELETE FROM embeddings_reductionpoint
                WHERE reduction_id = ANY (%s) AND unit_id = ANY (%s) RETURNING reduction_id
            ), counted AS (SELECT reduction_id, count(*) AS n FROM gone GROUP BY reduction_id),
            noted AS (
                UPDATE embeddings_reduction r SET units_left = r.units_left + c.n
                FROM counted c WHERE r.id = c.reduction_id
            )
            SELECT coalesce(sum(n), 0) FROM counted
            """,
            [ids, list(unit_ids)],
        )
        return int(cursor.fetchone()[0])
