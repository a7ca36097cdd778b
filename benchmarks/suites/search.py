"""Similarity search: our service and our REST endpoint against bare products and other indexes.

MB is what a contender holds beside the vectors' own table: the mapped matrix file, which all
processes of a host share; an index in PostgreSQL; or private memory of each process that searches.
"""

import logging
import resource
import time
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from django.db.models import F

from benchmarks import neighbours
from benchmarks.live import LiveServer, ask
from benchmarks.measure import Comparison, Series, side_by_side
from benchmarks.memory import held_by
from benchmarks.neighbours import Finder
from benchmarks.report import as_json, table
from benchmarks.samples import Floats, shaken
from benchmarks.searched import PAGE, Place, searched_place
from embeddings.search.distance import distances
from embeddings.search.products import PRODUCTS
from folders.choices import Metric
from folders.models import Unit

_ROWS_PER_BATCH = 20_000
_SHARES = (0.5, 0.1, 0.01, 0.001)


def add_arguments(parser: ArgumentParser) -> None:
    """Sizes, and what is left out."""
    parser.add_argument("--vectors", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--dimensions", type=int, default=512, help="of each vector (512)")
    parser.add_argument("--queries", type=int, default=30, help="searches measured (30)")
    parser.add_argument("--source", type=Path, help="a file of numpy with real vectors")
    parser.add_argument("--people", type=int, default=20, help="who search at once (20)")
    parser.add_argument("--seconds", type=int, default=60, help="for so long (60)")
    parser.add_argument(
        "--libraries",
        action=BooleanOptionalAction,
        default=True,
        help="each holds all vectors again",
    )
    parser.add_argument(
        "--indexes", action=BooleanOptionalAction, default=True, help="graphs take minutes to build"
    )


def run(arguments: Namespace) -> dict[str, Any]:
    """Measure everything once."""
    place = searched_place(arguments.source, arguments.vectors, arguments.dimensions)
    asked = shaken(place.vectors, arguments.queries)
    # One line for each request would be another thing to measure.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with LiveServer(place.world.actor) as server:
        comparisons = [
            _first_page(place, asked, server, arguments),
            _page_with_histogram(place, asked, server),
            _filtered(place, asked),
        ]
        crowd = _crowd(place, server, arguments.people, arguments.seconds)
    return {
        "sizes": {
            "vectors": len(place.vectors),
            "dimensions": place.vectors.shape[1],
            "queries": len(asked),
        },
        "source": arguments.source.name if arguments.source else "clusters",
        "seconds": place.times,
        "comparisons": as_json(comparisons),
        "crowd": crowd,
    }


def report(result: dict[str, Any]) -> str:
    """One line for each contender, then the times of preparation and the crowd."""
    lines = [table(result), "", "Seconds"]
    lines += [f"  {name:<34} {value:,.1f}" for name, value in result["seconds"].items()]
    crowd = result["crowd"]
    lines += ["", "Many at once, page with histogram"]
    lines += [f"  {name:<34} {value:,.1f}" for name, value in crowd.items()]
    return "\n".join(lines)


def _first_page(
    place: Place, asked: Floats, server: LiveServer, arguments: Namespace
) -> Comparison:
    """The 50 nearest of all."""
    vectors, unit_ids = place.vectors, place.unit_ids.tolist()
    finders: dict[str, Finder] = {
        "service, scan": _service(place, "scan"),
        "service, postgres": _service(place, "postgres"),
        "REST, scan": _endpoint(place, server, "scan"),
        "bare product, one thread": neighbours.product_alone(vectors, 1),
        "bare product, two threads": neighbours.product_alone(vectors, 2),
        "bare numpy, two threads": neighbours.bare_numpy(vectors, PAGE, 2),
        "pgvector, exact": neighbours.pgvector_exact(place.key.pk, unit_ids, PAGE),
    }
    finders |= {
        name: _made(place, name, make) for name, make in _libraries(vectors, arguments).items()
    }
    if arguments.indexes:
        place.build_index()
        finders["service, hnsw"] = _service(place, "hnsw")
        finders["REST, hnsw"] = _endpoint(place, server, "hnsw")
    found: dict[str, list[list[int]]] = {}
    series = _measure(finders, asked, found)
    if arguments.indexes:
        # Last: with its index there, the planner would no longer scan.
        with place.timed("pgvector HNSW, halfvec: made"):
            graph = neighbours.pgvector_hnsw(place.key.pk, unit_ids, PAGE, vectors.shape[1])
        place.holds["pgvector HNSW, halfvec"] = neighbours.pgvector_hnsw_megabytes(place.key.pk)
        series += _measure({"pgvector HNSW, halfvec": graph}, asked, found)
    for one in series:
        if one.name in place.holds:
            one.notes["MB"] = round(place.holds[one.name])
    truth = [_by_definition(place, query) for query in asked]
    for one in series:
        if any(found[one.name]):
            shares = [
                len(set(rows) & set(right)) / PAGE
                for rows, right in zip(found[one.name], truth, strict=True)
            ]
            one.notes[f"recall@{PAGE}"] = round(float(np.mean(shares)), 4)
    return Comparison(f"First {PAGE} of all", series, "bare product, two threads")


def _libraries(vectors: Floats, arguments: Namespace) -> dict[str, Callable[[], Finder]]:
    """What makes the contenders that are libraries, those that are installed and wanted."""
    makers: dict[str, Callable[[], Finder]] = {}
    if arguments.libraries:
        makers["scikit-learn, brute force"] = lambda: neighbours.scikit_learn(vectors, PAGE)
    if arguments.libraries and neighbours.installed("faiss"):
        makers["faiss Flat"] = lambda: neighbours.faiss_flat(vectors, PAGE)
    if arguments.indexes and neighbours.installed("faiss"):
        makers["faiss HNSW"] = lambda: neighbours.faiss_hnsw(vectors, PAGE)
    if arguments.indexes and neighbours.installed("hnswlib"):
        makers["hnswlib"] = lambda: neighbours.hnswlib_graph(vectors, PAGE)
    return makers


def _made(place: Place, name: str, make: Callable[[], Finder]) -> Finder:
    with place.timed(f"{name}: made"):
        finder, place.holds[name] = held_by(make)
    return finder


def _measure(
    finders: dict[str, Finder], asked: Floats, found: dict[str, list[list[int]]]
) -> list[Series]:
    def remember(name: str, find: Finder) -> Callable[[Floats], None]:
        def measured(query: Floats) -> None:
            found.setdefault(name, []).append(find(query))

        return measured

    contenders = {name: remember(name, find) for name, find in finders.items()}
    for contender in contenders.values():
        contender(asked[0])
    for name in finders:
        del found[name]
    # Measured searches are new ones.
    PRODUCTS.forget()
    return side_by_side(contenders, asked)


def _page_with_histogram(place: Place, asked: Floats, server: LiveServer) -> Comparison:
    """What the Explorer shows first: 50 hits and all distances in numbers."""
    fresh = shaken(place.vectors[::-1], len(asked))

    series = side_by_side(
        {
            "service, scan": _service(place, "scan", histogram=True),
            "REST, scan": _endpoint(place, server, "scan", histogram=True),
            "bare product, two threads": neighbours.product_alone(place.vectors, 2),
        },
        fresh,
    )
    return Comparison("First page and histogram", series, "bare product, two threads")


def _filtered(place: Place, asked: Floats) -> Comparison:
    """Filters that leave a share of the units, at random by their ids."""
    contenders: dict[str, Callable[[Floats], object]] = {}
    for share in _SHARES:
        step = round(1 / share)
        for engine in ("scan", "postgres"):
            contenders[f"{engine}, {100 * share:g} %"] = _service(place, engine, step=step)
    series = side_by_side(contenders, asked[: max(3, len(asked) // 3)])
    return Comparison("First page within a filter", series, "postgres, 50 %")


def _crowd(place: Place, server: LiveServer, people: int, seconds: int) -> dict[str, float]:
    """People who search for different units at once, each waiting for the answer."""
    end = time.monotonic() + seconds

    def person(number: int) -> tuple[list[float], int]:
        generator = np.random.default_rng(number)
        times, errors = [], 0
        with server.client() as client:
            while time.monotonic() < end:
                unit = int(generator.choice(place.unit_ids))
                content = {"key": place.key.name, "unit": unit, "histogram": True}
                started = time.perf_counter()
                try:
                    ask(client, f"folders/{place.world.root.pk}/search/", content)
                except Exception:  # noqa: BLE001 - counted
                    errors += 1
                times.append(time.perf_counter() - started)
        return times, errors

    with ThreadPoolExecutor(people) as threads:
        outcomes = list(threads.map(person, range(people)))
    times = [1000 * one for each, _ in outcomes for one in each]
    memory = [psutil.Process(pid).memory_full_info().uss / 2**20 for pid in server.pids]
    return {
        "people": people,
        "searches": len(times),
        "errors": sum(errors for _, errors in outcomes),
        "p50 ms": float(np.percentile(times, 50)),
        "p95 ms": float(np.percentile(times, 95)),
        "memory of a web process, MB": max(memory),
        "memory of this process at most, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / 1024,
    }


def _service(place: Place, engine: str, step: int = 1, *, histogram: bool = False) -> Finder:
    row_of = {unit: row for row, unit in enumerate(place.unit_ids.tolist())}

    def find(query: Floats) -> list[int]:
        units = None if step == 1 else Unit.objects.alias(rest=F("pk") % step).filter(rest=0)
        found = place.first_page(query, engine=engine, units=units, histogram=histogram)
        return [row_of[unit] for unit in found]

    return find


def _endpoint(place: Place, server: LiveServer, engine: str, *, histogram: bool = False) -> Finder:
    row_of = {unit: row for row, unit in enumerate(place.unit_ids.tolist())}
    client = server.client()
    folder = f"folders/{place.world.root.pk}/search/"
    asked = {"key": place.key.name, "engine": engine, "histogram": histogram}

    def find(query: Floats) -> list[int]:
        page = ask(client, folder, asked | {"vector": query.tolist()})
        return [row_of[hit["unit"]] for hit in page["hits"]]

    return find


def _by_definition(place: Place, query: Floats) -> list[int]:
    measured = [
        distances(query, place.vectors[start : start + _ROWS_PER_BATCH], Metric.COSINE)
        for start in range(0, len(place.vectors), _ROWS_PER_BATCH)
    ]
    exact = np.concatenate(measured)
    order = np.lexsort((place.unit_ids, exact))[:PAGE]
    rows: list[int] = order.tolist()
    return rows
