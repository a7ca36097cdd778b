"""Metadata, a folder and a collection for the units of a place, and filters that use them."""

from typing import Any

import numpy as np
from django.db import connection, transaction

from benchmarks.samples import Floats
from benchmarks.searched import Place
from collections_app.models import CollectionUnit
from collections_app.services.collections import create_collection
from core.jobs.execution import execute_job
from core.models import Job
from embeddings.search.distance import distances
from folders.choices import KeyType, Metric
from folders.models import Folder
from folders.services.folders import create_folder
from folders.services.schema import add_key

_LABELS = [f"label {number}" for number in range(10)]
_ROWS_AT_ONCE = 20_000
Tree = dict[str, Any]

_FILL = """
UPDATE folders_unit u SET metadata = jsonb_build_object(
    'score', round((random() * 100)::numeric, 6),
    'label', (%(labels)s::text[])[1 + floor(random() * 10)::int],
    'rare', random() < 0.1,
    'seen', to_char(timestamp '2026-01-01' + random() * interval '100 days',
                    'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'note', 'picture ' || floor(random() * 10)::int || ' of a series',
    'nearness', w.nearness)
FROM unnest(%(units)s::bigint[], %(nearness)s::float8[]) AS w (unit_id, nearness)
WHERE u.id = w.unit_id
"""


def fill(place: Place, query: Floats) -> None:
    """Metadata of all units, indexed; `nearness` is the percentile of the distance to a query."""
    exact = np.concatenate(
        [
            distances(query, place.vectors[start : start + _ROWS_AT_ONCE], Metric.COSINE)
            for start in range(0, len(place.vectors), _ROWS_AT_ONCE)
        ]
    )
    nearness = np.empty(len(exact))
    nearness[np.argsort(exact)] = np.arange(1, len(exact) + 1) * (100 / len(exact))
    for start in range(0, len(exact), _ROWS_AT_ONCE):
        end = start + _ROWS_AT_ONCE
        given = {
            "labels": _LABELS,
            "units": place.unit_ids[start:end].tolist(),
            "nearness": nearness[start:end].round(6).tolist(),
        }
        with connection.cursor() as cursor:
            cursor.execute(_FILL, given)
    _index_values(place)


def tenths(place: Place) -> dict[str, Tree]:
    """A filter by each kind of field, each of which leaves a tenth of the units.

    The units are filled in before.
    """
    folder, collection = _tenth_in_folder(place), _tenth_in_collection(place)
    return {
        "number": {"field": "metadata.score", "op": "lte", "value": 10},
        "enum": {"field": "metadata.label", "op": "eq", "value": _LABELS[0]},
        "boolean": {"field": "metadata.rare", "op": "eq", "value": True},
        "moment": {"field": "metadata.seen", "op": "lte", "value": "2026-01-11T00:00:00Z"},
        "text": {"field": "metadata.note", "op": "contains", "value": "picture 3 "},
        "name": {"field": "name", "op": "contains", "value": "7.png"},
        "folder": {"field": "folder", "op": "eq", "value": str(folder.pk)},
        "collection": {"field": "collection", "op": "eq", "value": collection},
    }


def _index_values(place: Place) -> None:
    """Keys of the schema, and their typed values as workers leave them."""
    types = {
        "score": KeyType.NUMBER,
        "nearness": KeyType.NUMBER,
        "label": KeyType.ENUM,
        "rare": KeyType.BOOLEAN,
        "seen": KeyType.DATETIME,
        "note": KeyType.TEXT,
    }
    with transaction.atomic():
        for name, type_ in types.items():
            values = _LABELS if type_ == KeyType.ENUM else None
            add_key(actor=place.world.actor, name=name, type=type_, values=values)
    for job in Job.objects.filter(state="queued"):
        execute_job(job_id=job.pk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE folders_unit")
        cursor.execute("VACUUM ANALYZE folders_indexedvalue")


def _tenth_in_folder(place: Place) -> Folder:
    folder = create_folder(actor=place.world.actor, parent=place.world.root, name="A tenth")
    with connection.cursor() as cursor:
        for table_ in ("unit", "item"):
            where = "id" if table_ == "unit" else "id IN (SELECT item_id FROM folders_unit WHERE id"
            cursor.execute(
                f"UPDATE folders_{table_} SET folder_id = %s WHERE {where} = ANY (%s)"  # noqa: S608
                + ("" if table_ == "unit" else ")"),
                [folder.pk, place.unit_ids[::10].tolist()],
            )
    return folder


def _tenth_in_collection(place: Place) -> str:
    collection = create_collection(actor=place.world.actor, root=place.world.root, name="A tenth")
    CollectionUnit.objects.bulk_create(
        [
            CollectionUnit(collection=collection, unit_id=unit)
            for unit in place.unit_ids[::10].tolist()
        ],
        batch_size=_ROWS_AT_ONCE,
    )
    return str(collection.pk)
