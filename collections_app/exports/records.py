"""What an export says of units, read in batches of bounded size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.matrix import read_some
from folders.models import Folder, MetadataKey, Unit
from folders.querysets import UnitQuerySet

# A batch holds up to so many units, and up to so many bytes of vectors.
UNITS_PER_BATCH = 2_000
_VECTOR_BYTES = 32 * 1024 * 1024

# Columns beside metadata and vectors, in order.
COLUMNS = (
    *("unit", "item", "name", "kind", "folder", "frame", "timestamp"),
    *("width", "height", "object_url"),
)


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of one key for the units of a batch; rows that are not `present` mean nothing."""

    present: NDArray[np.bool_]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some units: their columns as dictionaries, their metadata, vectors by name of the key."""

    rows: list[dict[str, Any]]
    metadata: list[dict[str, Any]]
    vectors: dict[str, Vectors]


def read_batches(units: UnitQuerySet, root: Folder, keys: Sequence[MetadataKey]) -> Iterator[Batch]:
    """All units by ascending id; what comes or goes meanwhile is in it or not."""
    bytes_per_unit = sum(4 * (key.dimensions or 1) for key in keys) or 1
    size = max(1, min(UNITS_PER_BATCH, _VECTOR_BYTES // bytes_per_unit))
    paths = _paths(root)
    ordered, last = units.select_related("item").order_by("pk"), 0
    while batch := list(ordered.filter(pk__gt=last)[:size]):
        last = batch[-1].pk
        yield _batch(batch, paths, keys)


def _batch(units: list[Unit], paths: dict[Any, str], keys: Sequence[MetadataKey]) -> Batch:
    ids = np.array([unit.pk for unit in units], dtype=np.int64)
    return Batch(
        rows=[_row(unit, paths) for unit in units],
        metadata=[unit.metadata for unit in units],
        vectors={key.name: Vectors(*read_some(key=key, unit_ids=ids)) for key in keys},
    )


def _row(unit: Unit, paths: dict[Any, str]) -> dict[str, Any]:
    item = unit.item
    values = (
        *(unit.pk, str(item.pk), item.name, unit.kind, paths.get(unit.folder_id, "")),
        *(unit.frame, unit.timestamp, item.width, item.height, item.object_url),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _paths(root: Folder) -> dict[Any, str]:
    """Folders by id in words: "Birds/2026/Night"."""
    rows = list(Folder.objects.below(root).values_list("pk", "path", "name"))
    names = {pk.hex: name for pk, _, name in rows}
    return {
        pk: "/".join(names.get(part, "…") for part in path.strip("/").split("/"))
        for pk, path, _ in rows
    }
