"""What lies near a set: a search for neighbours of its mean vector.

Under cosine every vector counts by its direction alone, so it is brought to length 1 first.
"""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from numpy.typing import NDArray

from collections_app.comparisons.sides import Comparison, Side
from embeddings.search import SearchPage, VectorExample, search
from folders.choices import Metric
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
    vectors, mean = _mean(key, compared.root.pk, compared.units(of))
    if mean is None or (key.metric == Metric.COSINE and not mean.any()):
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


def _mean(
    key: MetadataKey, root_id: UUID, units: UnitQuerySet
) -> tuple[int, NDArray[np.float32] | None]:
    """How many vectors, and their mean as the database adds them up in double precision."""
    try:
        select, parameters = units.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0, None
    is_cosine = key.metric == Metric.COSINE
    value = "l2_normalize(value)" if is_cosine else "value"
    statement = f"""
        SELECT count(*), vector_send(avg({value})) FROM embeddings_vector
        WHERE key_id = %s AND root_id = %s AND unit_id IN ({select}) {"AND norm > 0" * is_cosine}
    """  # noqa: S608  (compiled by Django; values are parameters)
    with connection.cursor() as cursor:
        cursor.execute(statement, [key.pk, root_id, *parameters])
        count, sent = cursor.fetchone()
    # Two numbers of 16 bits come before the values: dimensions, and one that is not used.
    return count, None if sent is None else np.frombuffer(sent, ">f4", offset=4).astype(np.float32)
