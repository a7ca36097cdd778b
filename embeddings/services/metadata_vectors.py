"""Vectors as part of metadata: how the import of items writes, removes and reads them back."""

from collections.abc import Sequence

import numpy as np
from django.db import transaction

from embeddings.models import Vector
from embeddings.services.imports import refuse
from embeddings.services.vectors import VectorBatch, delete_vectors, write_batches
from embeddings.values import as_json, read_vectors
from folders.metadata.values import VectorValues
from folders.models import MetadataKey, Unit


def write_metadata_vectors(
    *, key: MetadataKey, unit_ids: list[int], values: Sequence[VectorValues], paths: list[str]
) -> None:
    """Insert or replace vectors; see folders.hooks.VectorSink.

    A transaction that writes several keys calls this in the order of their ids.

    Raises:
        InvalidInput: with one error per wrong list, under its path.
    """
    with transaction.atomic():
        matrix, errors = read_vectors(values, dimensions=key.dimensions, paths=paths)
        refuse(errors)
        ids = np.array(unit_ids, dtype=np.int64)
        write_batches([VectorBatch(key=key, unit_ids=ids, values=matrix, paths=paths)])


def remove_metadata_vectors(*, key: MetadataKey, unit_ids: list[int]) -> None:
    """Remove vectors; see folders.hooks.VectorRemover."""
    delete_vectors(key=key, unit_ids=unit_ids)


def read_metadata_vectors(*, unit_ids: list[int]) -> dict[int, dict[str, list[float]]]:
    """Values by unit and key name; see folders.hooks.VectorSource."""
    organisations = Unit.objects.filter(pk__in=unit_ids).values("root__organisation")
    keys = MetadataKey.objects.live().embeddings().filter(organisation__in=organisations)
    found: dict[int, dict[str, list[float]]] = {}
    # One key at a time: a literal key id lets PostgreSQL look at its partition only.
    for key_id, name in keys.order_by("name").values_list("pk", "name"):
        rows = Vector.objects.filter(key_id=key_id, unit_id__in=unit_ids)
        for unit_id, value in rows.values_list("unit_id", "value"):
            vector = np.asarray(value, dtype=np.float32)
            found.setdefault(unit_id, {})[name] = as_json(vector)
    return found
