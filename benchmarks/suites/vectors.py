"""Import and search of vectors: our services against bare COPY, bare pgvector and bare numpy."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count as numbers
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from accounts.actor import Actor
from benchmarks.measure import Comparison, Series, side_by_side
from benchmarks.report import as_json, table
from benchmarks.world import add_images, new_world
from embeddings.search import VectorExample, distance_summary, search
from embeddings.search.distance import distances
from embeddings.services.partitions import ensure_partition, partition_name
from embeddings.services.vectors import write_vectors
from folders.choices import KeyType, Metric
from folders.models import Folder, MetadataKey, Unit

PAGE = 50
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class World:
    """A root folder full of units, and the vectors for them."""

    actor: Actor
    root: Folder
    unit_ids: npt.NDArray[np.int64]
    vectors: Floats


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--vectors", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--dimensions", type=int, default=512, help="of each vector (512)")
    parser.add_argument("--rounds", type=int, default=5, help="imports measured (5)")
    parser.add_argument("--queries", type=int, default=50, help="searches measured (50)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Measure everything once."""
    world = _world(arguments.vectors, arguments.dimensions)
    key = _new_key(world, "searched")
    write_vectors(key=key, unit_ids=world.unit_ids, values=world.vectors)
    _settle(key)
    asked = _queries(world.vectors, arguments.queries)
    sizes = ("vectors", "dimensions", "rounds", "queries")
    comparisons = [
        _import(world, arguments.rounds),
        _first_page(world, key, asked),
        _rest(world, key, asked),
    ]
    return {
        "sizes": {name: getattr(arguments, name) for name in sizes},
        "comparisons": as_json(comparisons),
    }


def report(result: dict[str, Any]) -> str:
    """One line for each contender."""
    return table(result)


def _import(world: World, rounds: int) -> Comparison:
    """Write all vectors into an empty partition, to the commit."""
    keys = numbers()

    def service(key: MetadataKey) -> None:
        write_vectors(key=key, unit_ids=world.unit_ids, values=world.vectors)

    def bare_copy(key: MetadataKey) -> None:
        # The same partition with the same indexes, under a name of its own: no staging, no checks,
        # no revision, no history.
        statement = f"COPY bare_{key.pk} FROM STDIN (FORMAT BINARY)"
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            copy.write(_copy_stream(world, key.pk))

    series = side_by_side(
        {"write service": service, "bare binary COPY": bare_copy},
        (_key_with_bare_table(world, f"imported-{next(keys)}") for _ in range(rounds)),
        rows=len(world.unit_ids),
    )
    return Comparison("Import, rows per second", series, "bare binary COPY")


def _first_page(world: World, key: MetadataKey, asked: Floats) -> Comparison:
    """The 50 nearest of all."""
    found: dict[str, list[list[int]]] = {}

    def remember(name: str, find: Callable[[Floats], list[int]]) -> Callable[[Floats], None]:
        def measured(query: Floats) -> None:
            found.setdefault(name, []).append(find(query))

        return measured

    def service(query: Floats) -> list[int]:
        page = search(
            actor=world.actor,
            root=world.root,
            key=key,
            query=VectorExample(query.tolist()),
            limit=PAGE,
        )
        return [hit.unit_id for hit in page.hits]

    def bare_pgvector(query: Floats) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT unit_id FROM {partition_name(key.pk)} WHERE root_id = %s"  # noqa: S608
                " ORDER BY value <=> %s::vector LIMIT %s",
                [world.root.pk, str(query.tolist()), PAGE],
            )
            return [unit_id for (unit_id,) in cursor.fetchall()]

    normalised = world.vectors / np.linalg.norm(world.vectors, axis=1, keepdims=True)

    def bare_numpy(query: Floats) -> list[int]:
        scores = normalised @ (query / np.linalg.norm(query))
        best = np.argpartition(-scores, PAGE)[:PAGE]
        chosen: list[int] = world.unit_ids[best[np.argsort(-scores[best])]].tolist()
        return chosen

    finders = {
        "search service": service,
        "bare pgvector, exact": bare_pgvector,
        "bare numpy, float32": bare_numpy,
    }
    contenders = {name: remember(name, find) for name, find in finders.items()}
    for contender in contenders.values():
        contender(asked[0])
    found.clear()
    series = side_by_side(contenders, asked)
    truth = [_by_definition(world, query) for query in asked]
    for one in series:
        _note_agreement(one, found[one.name], truth)
    return Comparison(f"First {PAGE} of all, milliseconds", series, "bare pgvector, exact")


def _rest(world: World, key: MetadataKey, asked: Floats) -> Comparison:
    """What a page of the Explorer asks besides."""

    def next_page(query: Floats) -> None:
        search(**arguments(query), cursor=cursors[query.tobytes()], limit=PAGE)

    def half(query: Floats) -> None:
        search(**arguments(query), units=Unit.objects.filter(pk__lt=middle), limit=PAGE)

    def hundredth(query: Floats) -> None:
        search(**arguments(query), units=Unit.objects.filter(pk__lt=few), limit=PAGE)

    def summary(query: Floats) -> None:
        distance_summary(**arguments(query), threshold=0.5)

    def arguments(query: Floats) -> dict[str, Any]:
        return {
            "actor": world.actor,
            "root": world.root,
            "key": key,
            "query": VectorExample(query.tolist()),
        }

    middle = int(world.unit_ids[len(world.unit_ids) // 2])
    few = int(world.unit_ids[len(world.unit_ids) // 100])
    cursors = {
        query.tobytes(): search(**arguments(query), limit=PAGE).next_cursor for query in asked
    }
    series = side_by_side(
        {
            "search service, second page": next_page,
            "search service, filter leaves 50 %": half,
            "search service, filter leaves 1 %": hundredth,
            "distances and histogram": summary,
        },
        asked,
    )
    return Comparison("Further searches, milliseconds", series, "search service, second page")


def _world(count: int, dimensions: int) -> World:
    """A root folder of images, and clustered vectors for them."""
    world = new_world("Vectors")
    return World(
        actor=world.actor,
        root=world.root,
        unit_ids=add_images(world, count),
        vectors=_clustered(count, dimensions),
    )


def _clustered(count: int, dimensions: int) -> Floats:
    """Vectors around 100 centres, as embeddings of pictures lie; the same in every run."""
    generator = np.random.default_rng(20261122)
    centres = generator.standard_normal((100, dimensions))
    spread = generator.standard_normal((count, dimensions)) * 0.7
    chosen = generator.integers(0, len(centres), count)
    vectors: Floats = (centres[chosen] + spread).astype(np.float32)
    return vectors


def _queries(vectors: Floats, count: int) -> Floats:
    """Stored vectors, shaken: near the data, equal to none of it."""
    generator = np.random.default_rng(7)
    chosen = vectors[generator.choice(len(vectors), count)]
    shaken: Floats = (chosen + generator.standard_normal(chosen.shape) * 0.3).astype(np.float32)
    return shaken


def _new_key(world: World, name: str) -> MetadataKey:
    key = MetadataKey.objects.create(
        organisation=world.actor.organisation,
        name=name,
        type=KeyType.EMBEDDING,
        dimensions=world.vectors.shape[1],
    )
    ensure_partition(key_id=key.pk, dimensions=world.vectors.shape[1])
    return key


def _key_with_bare_table(world: World, name: str) -> MetadataKey:
    key = _new_key(world, name)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare_{key.pk} (LIKE {partition_name(key.pk)} INCLUDING ALL)")
    return key


def _copy_stream(world: World, key_id: int) -> bytes:
    """All rows with their root, in PostgreSQL's binary format, as one numpy array."""
    dimensions = world.vectors.shape[1]
    layout = np.dtype(
        [
            ("fields", ">i2"),
            *(("key_length", ">i4"), ("key", ">i8"), ("unit_length", ">i4"), ("unit", ">i8")),
            *(("root_length", ">i4"), ("root", "V16"), ("norm_length", ">i4"), ("norm", ">f8")),
            *(("value_length", ">i4"), ("dimensions", ">i2"), ("unused", ">i2")),
            ("value", ">f4", (dimensions,)),
        ]
    )
    rows = np.zeros(len(world.unit_ids), dtype=layout)
    rows["fields"] = 5
    rows["key_length"] = rows["unit_length"] = rows["norm_length"] = 8
    rows["root_length"] = 16
    rows["value_length"] = 4 + 4 * dimensions
    rows["key"], rows["unit"] = key_id, world.unit_ids
    rows["root"] = np.void(world.root.pk.bytes)
    rows["norm"] = np.linalg.norm(world.vectors, axis=1)
    rows["dimensions"], rows["value"] = dimensions, world.vectors
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


def _settle(key: MetadataKey) -> None:
    """As after autovacuum: statistics, and pages marked all-visible."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {partition_name(key.pk)}")
        cursor.execute("VACUUM ANALYZE folders_unit")


def _by_definition(world: World, query: Floats) -> list[int]:
    exact = distances(query, world.vectors, Metric.COSINE)
    order = np.lexsort((world.unit_ids, exact))[:PAGE]
    ids: list[int] = world.unit_ids[order].tolist()
    return ids


def _note_agreement(series: Series, found: list[list[int]], truth: list[list[int]]) -> None:
    """How many of the right hits were found, and how often in the very order."""
    shares = [len(set(a) & set(b)) / PAGE for a, b in zip(found, truth, strict=True)]
    same = [a == b for a, b in zip(found, truth, strict=True)]
    series.notes[f"recall@{PAGE}"] = float(np.mean(shares))
    series.notes["in order"] = float(np.mean(same))
