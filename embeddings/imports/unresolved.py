"""Errors of rows whose id does not name exactly one unit."""

from collections.abc import Iterator

import numpy as np

from core.errors import FieldError
from embeddings.bulk.ids import IdKind, shown
from embeddings.bulk.rows import Mask
from embeddings.services.row_targets import NONE, RowStage, Targets


def unresolved(
    stage: RowStage, targets: Targets, staged: Mask, kind: IdKind
) -> Iterator[FieldError]:
    """Errors of staged rows that fit no item, or several."""
    places = np.flatnonzero(staged & (targets.items != 1)).tolist()
    what = {IdKind.ITEM: "id", IdKind.NAME: "name", IdKind.URL: "object URL"}[kind]
    for place, one in stage.texts(places):
        count = int(targets.items[place])
        path = f"rows.{place}.id"
        if count:
            message = f"{count} items in this folder have this {what}."
            yield FieldError(path, message, "ambiguous", "the item's id", shown(one))
        else:
            message = f"There is no item of this {what} in this folder or below it."
            yield FieldError(path, message, "unknown_item", "", shown(one))


def repeats(targets: Targets) -> Iterator[FieldError]:
    """Errors of rows whose unit an earlier row has."""
    rows = np.flatnonzero(targets.unit_ids != NONE)
    units, first = np.unique(targets.unit_ids[rows], return_index=True)
    if len(units) < len(rows):
        later = np.ones(len(rows), dtype=np.bool_)
        later[first] = False
        for place in np.flatnonzero(later).tolist():
            unit = targets.unit_ids[rows[place]]
            yield repeated_error(int(rows[place]), int(rows[first[np.searchsorted(units, unit)]]))
    for frames in targets.missing.values():
        seen: dict[int, int] = {}
        for row, frame in sorted(frames.items()):
            if seen.setdefault(frame, row) != row:
                yield repeated_error(row, seen[frame])


def repeated_error(row: int, earlier: int) -> FieldError:
    """The error of a row for the same unit as an earlier one."""
    message = f"Row {earlier} is for the same item or frame."
    return FieldError(f"rows.{row}", message, "repeated", found=f"row {earlier}")


def exists_error(row: int, key: str) -> FieldError:
    """The error of a row whose unit has a vector that is to stay."""
    message = f"There is a vector under “{key}” already, and it is not to be replaced."
    return FieldError(f"rows.{row}", message, "exists")
