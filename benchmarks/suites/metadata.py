"""Filters and counts of metadata: read from the JSON, and from the index of typed values."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.db import connection, transaction

from benchmarks.measure import Comparison, Series, side_by_side
from benchmarks.memory import PeakMemory
from benchmarks.report import as_json, table
from benchmarks.world import World, new_world
from core.jobs.execution import execute_job
from core.models import Job
from explorer.controls import by_field, controls_for
from explorer.facets import facets
from explorer.query import count_units, unit_page
from explorer.state import ExplorerState
from folders.choices import ItemKind, ItemState, KeyType
from folders.models import IndexedValue, Item, MetadataKey, Unit
from folders.services.schema import add_key
from folders.services.value_index import JOB_KIND

PAGE = 60
_JSON = "JSON expression"
_INDEX = "index of typed values"
_UNITS_PER_VIDEO = 10_000
_LABELS = ["owl", "tit", "jay", "rook", "wren", "crow", "swift", "robin"]

# A number, a whole number, a moment, an enum and a boolean under a key; two values without one.
_FILL = """
INSERT INTO folders_unit
    (item_id, frame, kind, folder_id, root_id, is_key_frame, metadata, created_at)
SELECT %(item)s, n, 'frame', %(folder)s, %(folder)s, false,
    jsonb_build_object(
        'score', round((random() * 1000)::numeric, 3),
        'count', floor(random() * 50)::int,
        'seen', to_char(timestamp '2026-01-01' + random() * interval '300 days',
                        'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'label', (%(labels)s::text[])[1 + floor(random() * 8)::int],
        'tame', random() < 0.3,
        'camera', 'CAM-' || n %% 37,
        'note', 'some words about the picture number ' || n),
    now()
FROM generate_series(%(first)s, %(last)s) n
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--units", type=int, default=1_000_000, help="how many (1000000)")
    parser.add_argument("--questions", type=int, default=5, help="of each sort (5)")
    parser.add_argument("--inserted", type=int, default=10_000, help="units inserted (10000)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Fill a folder, build the index, ask both ways in turn; then insert with and without keys."""
    world = new_world("Metadata")
    _fill(world, arguments.units)
    _add_keys(world)
    built, memory = _build()
    _settle()
    comparisons = [
        *_questions(world, arguments.questions),
        _insertion(world, arguments.inserted, arguments.questions),
    ]
    sizes = {"units": arguments.units, "keys": 5, "index_rows": IndexedValue.objects.count()}
    return {
        "sizes": sizes,
        "comparisons": as_json(comparisons),
        "build_units_per_second": round(arguments.units / built),
        "build_peak_mb": round(memory, 1),
        "index_mb": _megabytes("folders_indexedvalue"),
        "units_mb": _megabytes("folders_unit"),
    }


def report(result: dict[str, Any]) -> str:
    """The comparisons, and what the index costs."""
    lines = [
        f"Index of all keys built by the job: {result['build_units_per_second']:,} units/s",
        f"Memory that the job takes beyond the process: {result['build_peak_mb']} MB",
        f"On disk: index {result['index_mb']:,} MB, units {result['units_mb']:,} MB",
    ]
    return "\n".join([table(result), "", *lines])


def _fill(world: World, count: int) -> None:
    """Units by SQL: frames of videos, so that a million of them need few items.

    The inverted index is made anew behind them, which is several times quicker than row by row.
    """
    index = next(one for one in Unit._meta.indexes if one.name == "unit_metadata")
    with connection.schema_editor() as editor:
        editor.remove_index(Unit, index)
    for start in range(0, count, _UNITS_PER_VIDEO):
        _insert(world, min(_UNITS_PER_VIDEO, count - start))
    with connection.schema_editor() as editor:
        editor.add_index(Unit, index)
    _settle()


def _insert(world: World, count: int) -> None:
    video = Item.objects.create(
        organisation=world.actor.organisation,
        folder=world.root,
        kind=ItemKind.VIDEO,
        name="video.mp4",
        state=ItemState.READY,
    )
    given: dict[str, Any] = {"item": video.pk, "folder": world.root.pk, "labels": _LABELS}
    with connection.cursor() as cursor:
        cursor.execute(_FILL, given | {"first": 0, "last": count - 1})


def _add_keys(world: World) -> None:
    types = {
        "score": KeyType.NUMBER,
        "count": KeyType.NUMBER,
        "seen": KeyType.DATETIME,
        "label": KeyType.ENUM,
        "tame": KeyType.BOOLEAN,
    }
    with transaction.atomic():
        for name, type_ in types.items():
            values = _LABELS if type_ == KeyType.ENUM else None
            add_key(actor=world.actor, name=name, type=type_, values=values)


def _build() -> tuple[float, float]:
    """Carry out the job; returns seconds and the growth of memory in MB."""
    job = Job.objects.get(kind=JOB_KIND, state="queued")
    series = Series("build")
    with PeakMemory() as peak:
        [series] = side_by_side({"build": lambda job: execute_job(job_id=job.pk)}, [job])
    job.refresh_from_db()
    if job.state != "finished":
        raise RuntimeError(f"The index was not built: {job.error_message}")
    return series.seconds[0], peak.growth


def _questions(world: World, count: int) -> Iterator[Comparison]:
    """Each question to both, about other values each time."""
    generator = np.random.default_rng(20261122)
    starts = generator.uniform(0, 500, count).round(3).tolist()
    ranges = [_state([start, start + 100 * (1 + n % 5)]) for n, start in enumerate(starts)]
    everything = [ExplorerState() for _ in range(count)]
    actor, root = world.actor, world.root
    rail = by_field(controls_for(actor, root))
    keys = [control.key for control in rail.values() if control.key is not None]

    def counts(field: str) -> Callable[[ExplorerState], object]:
        return lambda state: facets(actor=actor, root=root, state=state, controls=[rail[field]])

    tasks: list[tuple[str, Callable[[ExplorerState], object], list[ExplorerState]]] = [
        (
            "Units in a range (10 to 50 % of all), counted",
            lambda state: count_units(actor=actor, root=root, state=state),
            ranges,
        ),
        (
            f"First page of {PAGE} units in a range",
            lambda state: unit_page(actor=actor, root=root, state=state, limit=PAGE),
            ranges,
        ),
        ("Counts of one enum key, all units", counts("metadata.label"), everything),
        ("Histogram of one number key, all units", counts("metadata.score"), everything),
        ("Counts of one enum key, within a range", counts("metadata.label"), ranges),
    ]
    for task, ask, states in tasks:
        # Both warm.
        ask(states[0])
        yield Comparison(
            f"{task}, milliseconds",
            side_by_side({_JSON: _by_json(ask, keys), _INDEX: ask}, states),
            _JSON,
        )


def _state(ends: list[float]) -> ExplorerState:
    leaf = {"field": "metadata.score", "op": "between", "value": ends}
    return ExplorerState(filter={"all": [leaf]})


def _by_json(
    ask: Callable[[ExplorerState], object], keys: list[MetadataKey]
) -> Callable[[ExplorerState], object]:
    """The same question while the index is not built, as far as filters and the rail know."""

    def asked(state: ExplorerState) -> None:
        with _not_indexed(keys):
            ask(state)

    return asked


@contextmanager
def _not_indexed(keys: list[MetadataKey]) -> Iterator[None]:
    indexed = {key.pk: key.indexed_at for key in keys}
    MetadataKey.objects.update(indexed_at=None)
    for key in keys:
        key.indexed_at = None
    try:
        yield
    finally:
        for key in keys:
            key.indexed_at = indexed[key.pk]
            key.save(update_fields=["indexed_at"])


def _insertion(world: World, count: int, rounds: int) -> Comparison:
    """The same units into the organisation with keys, and into one without."""
    bare = new_world("Metadata without keys")
    series = side_by_side(
        {
            "five keys, indexed": lambda _: _insert(world, count),
            "no keys": lambda _: _insert(bare, count),
        },
        range(rounds),
        rows=count,
    )
    return Comparison("Units inserted by bare SQL, rows per second", series, "no keys")


def _settle() -> None:
    """As after autovacuum: statistics, and pages marked all-visible."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE folders_unit")
        cursor.execute("VACUUM ANALYZE folders_indexedvalue")


def _megabytes(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s::regclass) / 1048576", [name])
        return int(cursor.fetchone()[0])
