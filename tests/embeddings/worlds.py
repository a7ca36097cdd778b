"""Units with vectors for the tests of vectors and searches."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from embeddings.models import Vector
from embeddings.services.vectors import write_vectors
from folders.choices import ItemKind, ItemState, Metric, UnitKind
from folders.models import Folder, Item, MetadataKey, Unit
from tests.factories import EmbeddingKeyFactory


def make_units(folder: Folder, count: int) -> list[int]:
    """Ready images in the folder; returns their unit ids in ascending order."""
    items = Item.objects.bulk_create(
        Item(
            organisation=folder.organisation,
            folder=folder,
            kind=ItemKind.IMAGE,
            name=f"image-{number:05}.png",
            state=ItemState.READY,
        )
        for number in range(count)
    )
    units = Unit.objects.bulk_create(
        Unit(item=item, kind=UnitKind.IMAGE, folder=folder, root=folder.root) for item in items
    )
    return sorted(unit.pk for unit in units)


def make_key(
    folder: Folder, *, dimensions: int | None = 3, metric: Metric = Metric.COSINE
) -> MetadataKey:
    """An embedding key of the folder's organisation; its storage is made by the first write."""
    key: MetadataKey = EmbeddingKeyFactory.create(
        organisation=folder.organisation, dimensions=dimensions, metric=metric
    )
    return key


def put(key: MetadataKey, vectors: Mapping[int, Sequence[float]]) -> None:
    """Write vectors by unit id."""
    write_vectors(
        key=key,
        unit_ids=np.array(list(vectors), dtype=np.int64),
        values=np.array(list(vectors.values()), dtype=np.float32),
    )


def stored(key: MetadataKey) -> dict[int, npt.NDArray[np.float32]]:
    """All vectors of a key by unit id, in float32."""
    rows = Vector.objects.filter(key=key).values_list("unit_id", "value")
    return {unit_id: np.asarray(value, dtype=np.float32) for unit_id, value in rows}
