"""The mean vector of a set of units: what a search for more like all of them starts from.

Under cosine every vector counts by its direction alone, so it is brought to length 1 first.
"""

from uuid import UUID

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from numpy.typing import NDArray

from folders.choices import Metric
from folders.models import MetadataKey
from folders.querysets import UnitQuerySet


def mean_vector(
    key: MetadataKey, root_id: UUID, units: UnitQuerySet
) -> tuple[int, NDArray[np.float32] | None]:
    """How many vectors, and their mean as the database adds them up in double precision.

    There is no mean of no vectors, nor, under cosine, one without a direction.
    """
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
    if sent is None:
        return count, None
    # Two numbers of 16 bits come before the values: dimensions, and one that is not used.
    mean = np.frombuffer(sent, ">f4", offset=4).astype(np.float32)
    return count, None if is_cosine and not mean.any() else mean
