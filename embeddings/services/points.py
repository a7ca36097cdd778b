"""Writes the points of a map, and removes those of units that are gone from its root folder."""

from collections.abc import Iterable
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from embeddings.choices import Placement
from embeddings.copying import wire_layout, write_records
from embeddings.models import Reduction, ReductionPoint

_STAGE = "reduction_point_stage"
_COLUMNS = [("unit_id", "i8"), ("x", "f4"), ("y", "f4"), ("ordinal", "i4")]


def replace_points(
    *, reduction: Reduction, unit_ids: NDArray[np.int64], points: NDArray[np.float32]
) -> int:
    """Make these the points of a map, ordinals from 0 on in their order; call in a transaction.

    Units that were deleted or left the root folder meanwhile are passed over. Returns how many
    points the map has.
    """
    records = np.empty(len(unit_ids), dtype=wire_layout(_COLUMNS))
    records["unit_id"] = unit_ids
    records["x"], records["y"] = points[:, 0], points[:, 1]
    records["ordinal"] = np.arange(len(unit_ids))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{_STAGE}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {_STAGE} (unit_id bigint, x real, y real, ordinal integer)"
            " ON COMMIT DROP"
        )
        write_records(_STAGE, _COLUMNS, records)
        ReductionPoint.objects.filter(reduction=reduction).delete()
        # The lock keeps the units from being deleted or moved before this transaction ends.
        cursor.execute(
            f"""
            INSERT INTO embeddings_reductionpoint (reduction_id, unit_id, x, y, ordinal, placement)
            SELECT %s, s.unit_id, s.x, s.y, s.ordinal, %s
            FROM {_STAGE} s JOIN folders_unit u ON u.id = s.unit_id
            WHERE u.root_id = %s ORDER BY s.ordinal FOR SHARE OF u
            """,  # noqa: S608 - the name of our own table
            [reduction.pk, Placement.LAYOUT.value, reduction.root_id],
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
