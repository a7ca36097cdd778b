"""Similarity search within filters: kinds of fields, shares, masks kept and not, correlation."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection, transaction

from benchmarks.measure import Comparison, Series, side_by_side
from benchmarks.report import as_json, table
from benchmarks.samples import Floats, shaken
from benchmarks.searched import PAGE, Place, searched_place
from collections_app.models import CollectionUnit
from collections_app.services.collections import create_collection
from core.jobs.execution import execute_job
from core.models import Job
from embeddings.search.distance import distances
from embeddings.search.masks import MASKS
from folders.choices import KeyType, Metric
from folders.filters import parse, units
from folders.models import Folder
from folders.services.folders import create_folder
from folders.services.schema import add_key

_SHARES = (100, 50, 10, 1, 0.1)
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


def add_arguments(parser: ArgumentParser) -> None:
    """Sizes."""
    parser.add_argument("--vectors", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--dimensions", type=int, default=512, help="of each vector (512)")
    parser.add_argument("--queries", type=int, default=10, help="searches of each sort (10)")
    parser.add_argument("--source", type=Path, help="a file of numpy with real vectors")


def run(arguments: Namespace) -> dict[str, Any]:
    """Fill in metadata, then search within each filter."""
    place = searched_place(arguments.source, arguments.vectors, arguments.dimensions)
    asked = shaken(place.vectors, arguments.queries)
    _fill(place, asked[0])
    _index_values(place)
    folder, collection = _tenth_in_folder(place), _tenth_in_collection(place)
    # All near one another, so that what correlates with the distance to one does so for all.
    near = _around(asked[0], arguments.queries)
    comparisons = [
        _shares(place, asked, "score", "independent of the distance"),
        _shares(place, near, "nearness", "the nearest are kept"),
        _shares(place, near, "nearness", "the farthest are kept", farthest=True),
        *_fields(place, asked, folder, collection),
    ]
    return {
        "sizes": {
            "vectors": len(place.vectors),
            "dimensions": place.vectors.shape[1],
            "queries": len(asked),
        },
        "comparisons": as_json(comparisons),
    }


def report(result: dict[str, Any]) -> str:
    """One line for each filter."""
    return table(result)


def _shares(
    place: Place, asked: Floats, field: str, how: str, *, farthest: bool = False
) -> Comparison:
    """A number leaves a share of the units; the mask is kept from the search before."""
    contenders: dict[str, Callable[[Floats], object]] = {}
    for share in _SHARES:
        op, value = (">=", 100 - share) if farthest else ("<=", share)
        tree = {"field": f"metadata.{field}", "op": {">=": "gte", "<=": "lte"}[op], "value": value}
        for engine in ("scan", "postgres"):
            contenders[f"{engine}, {share:g} %"] = _finder(place, tree, engine)
    series = _measured(contenders, asked)
    return Comparison(f"First page within a filter, {how}", series, "postgres, 100 %")


def _fields(place: Place, asked: Floats, folder: Folder, collection: str) -> list[Comparison]:
    """Each kind of field leaves a tenth."""
    fields: dict[str, Tree] = {
        "number": {"field": "metadata.score", "op": "lte", "value": 10},
        "enum": {"field": "metadata.label", "op": "eq", "value": _LABELS[0]},
        "boolean": {"field": "metadata.rare", "op": "eq", "value": True},
        "moment": {"field": "metadata.seen", "op": "lte", "value": "2026-01-11T00:00:00Z"},
        "text": {"field": "metadata.note", "op": "contains", "value": "picture 3 "},
        "name": {"field": "name", "op": "contains", "value": "7.png"},
        "folder": {"field": "folder", "op": "eq", "value": str(folder.pk)},
        "collection": {"field": "collection", "op": "eq", "value": collection},
    }
    kept = {name: _finder(place, tree, "scan") for name, tree in fields.items()}
    cold = {name: _forgetful(find) for name, find in kept.items()}
    return [
        Comparison("A tenth by each kind of field, mask kept", _measured(kept, asked), "number"),
        Comparison("A tenth by each kind of field, mask cold", _measured(cold, asked), "number"),
    ]


def _measured(contenders: Mapping[str, Callable[[Floats], object]], asked: Floats) -> list[Series]:
    for find in contenders.values():
        find(asked[0])
    return side_by_side(contenders, asked)


def _finder(place: Place, tree: Tree, engine: str) -> Callable[[Floats], list[int]]:
    actor, root = place.world.actor, place.world.root
    node = parse(tree)

    def find(query: Floats) -> list[int]:
        matching = units(actor, root, node)
        found = place.first_page(query, engine=engine, units=matching)
        if len(found) != min(PAGE, matching.count() if len(found) < PAGE else PAGE):
            raise RuntimeError(f"{engine} lost rows within {tree}.")
        return found

    return find


def _forgetful(find: Callable[[Floats], object]) -> Callable[[Floats], None]:
    def found(query: Floats) -> None:
        MASKS.forget()
        find(query)

    return found


def _fill(place: Place, query: Floats) -> None:
    """Metadata of all units; `nearness` is the percentile of the distance to a query."""
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


def _around(query: Floats, count: int) -> Floats:
    """A query and others close to it."""
    generator = np.random.default_rng(11)
    noise = generator.standard_normal((count, len(query))) * (0.03 / np.sqrt(len(query)))
    noise[0] = 0
    moved: Floats = (query + noise).astype(np.float32)
    return moved
