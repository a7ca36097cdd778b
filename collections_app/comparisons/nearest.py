"""What lies near a set: a search for neighbours of its mean vector."""

from dataclasses import dataclass

from collections_app.comparisons.sides import Comparison, Side
from embeddings.search import SearchPage, VectorExample, search
from embeddings.search.mean import mean_vector
from folders.models import MetadataKey
from folders.querysets import UnitQuerySet


@dataclass(frozen=True, slots=True)
class Near:
    """Units nearest to the mean of a set; without a page, the set has no vector that has a mean."""

    vectors: int
    page: SearchPage | None = None


def nearest_units(
    compared: Comparison, *, key: MetadataKey, of: Side, among: UnitQuerySet, limit: int
) -> Near:
    """The units of `among` that lie nearest to the mean vector of a side.

    Raises:
        NotFound, InvalidInput: as search does.
    """
    vectors, mean = mean_vector(key, compared.root.pk, compared.units(of))
    if mean is None:
        return Near(vectors)
    page = search(
        actor=compared.actor,
        root=compared.root,
        key=key,
        query=VectorExample(mean.tolist()),
        units=among,
        limit=limit,
    )
    return Near(vectors, page)
