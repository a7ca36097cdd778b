"""Bulk import of vectors from files, against a bare COPY into a table of the same kind."""

import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, transaction

from benchmarks.measure import Comparison, Series
from benchmarks.memory import PeakMemory
from benchmarks.report import as_json, table
from benchmarks.world import World, add_images, new_world
from core.jobs.execution import execute_job
from embeddings.services.partitions import partition_name
from embeddings.services.staging import copy_stream, partition_rows
from embeddings.services.vectors import write_vectors
from folders.choices import ImportState, KeyType
from folders.models import Import, MetadataKey
from folders.services.data_imports import carry_out, start_import
from folders.services.schema import add_key

Floats = npt.NDArray[np.float32]
UnitIds = npt.NDArray[np.int64]
_BARE = "bare binary COPY"
_SERVICE = "write service, one matrix"
_WRITE = "{}: write"
_BOTH = "{}: check and write"


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--bulk-rows", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--bulk-dimensions", type=int, default=512, help="of each vector (512)")
    parser.add_argument("--bulk-rounds", type=int, default=3, help="imports measured (3)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Write the same vectors in all ways, in turn, each into a key of its own."""
    world = new_world("Bulk vectors")
    unit_ids = add_images(world, arguments.bulk_rows)
    shape = (arguments.bulk_rows, arguments.bulk_dimensions)
    with tempfile.TemporaryDirectory(prefix="kindred-bulk-") as name:
        generator = np.random.default_rng(512)
        vectors = generator.standard_normal(shape, dtype=np.float32)
        files = _files(Path(name), vectors)
        names = [_BARE, _SERVICE]
        names += [form.format(one) for one in files for form in (_WRITE, _BOTH)]
        series = {one: Series(one, rows=shape[0]) for one in names}
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE folders_unit")
            cursor.execute("VACUUM ANALYZE folders_item")
        for turn in range(arguments.bulk_rounds):
            _measure(series, world, unit_ids, vectors, files, turn)
        del vectors
        memory = {form: _peak(world, path, shape[1]) for form, path in files.items()}
    comparison = Comparison("Vectors written, rows per second", list(series.values()), _BARE)
    sizes = {"rows": shape[0], "dimensions": shape[1], "rounds": arguments.bulk_rounds}
    return {"sizes": sizes, "comparisons": as_json([comparison]), "peak_mb": memory}


def report(result: dict[str, Any]) -> str:
    """The comparison, and the memory of each format."""
    lines = [f"  {form:<10} {peak:6.1f} MB" for form, peak in result["peak_mb"].items()]
    return "\n".join([table(result), "", "Memory that an import takes beyond the process", *lines])


def _measure(
    series: dict[str, Series],
    world: World,
    unit_ids: UnitIds,
    vectors: Floats,
    files: dict[str, Path],
    turn: int,
) -> None:
    """One round; who goes first changes, so that a busy machine hurts all alike."""
    tasks: list[Callable[[], None]] = [
        partial(_measure_copy, series, world, unit_ids, vectors),
        partial(_measure_service, series, world, unit_ids, vectors),
    ]
    for form, path in files.items():
        tasks.append(partial(_measure_import, series, world, form, path, vectors.shape[1]))
    turn %= len(tasks)
    for task in tasks[turn:] + tasks[:turn]:
        task()


def _measure_copy(
    series: dict[str, Series], world: World, unit_ids: UnitIds, vectors: Floats
) -> None:
    key = _new_key(world, vectors.shape[1])
    _timed(series[_BARE], lambda: _bare_copy(world, key, unit_ids, vectors))


def _measure_service(
    series: dict[str, Series], world: World, unit_ids: UnitIds, vectors: Floats
) -> None:
    key = _new_key(world, vectors.shape[1])
    write = partial(write_vectors, key=key, unit_ids=unit_ids, values=vectors)
    _timed(series[_SERVICE], write)
    _drop(key)


def _measure_import(
    series: dict[str, Series], world: World, form: str, path: Path, dimensions: int
) -> None:
    key = _new_key(world, dimensions)
    row = _started(world, path, key)
    check = _timed(None, partial(_carry_on, row))
    row = carry_out(actor=world.actor, row=row)
    write = _timed(series[_WRITE.format(form)], partial(_carry_on, row))
    series[_BOTH.format(form)].seconds.append(check + write)
    if row.state != ImportState.DONE:
        raise RuntimeError(row.failure or str(row.errors[:3]))
    _drop(key)


def _timed(series: Series | None, work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    if series is not None:
        series.seconds.append(seconds)
    return seconds


def _files(folder: Path, vectors: Floats) -> dict[str, Path]:
    """The vectors with the names of their items, in each format."""
    names = np.array([f"image-{number:07}.png" for number in range(len(vectors))])
    paths = {form: folder / f"vectors.{form}" for form in ("npy", "npz", "parquet")}
    rows = np.empty(
        len(vectors), dtype=[("id", names.dtype), ("vector", "<f4", (vectors.shape[1],))]
    )
    rows["id"], rows["vector"] = names, vectors
    np.save(paths["npy"], rows)
    np.savez(paths["npz"], ids=names, vectors=vectors)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    pq.write_table(pa.table({"id": pa.array(names), "vector": lists}), paths["parquet"])
    return paths


def _bare_copy(world: World, key: MetadataKey, unit_ids: UnitIds, vectors: Floats) -> None:
    """Rows into a table like the key's partition, with the same indexes: nothing else."""
    name = f"bare_{key.pk}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (LIKE {partition_name(key.pk)} INCLUDING ALL)")
    rows = partition_rows(key_id=key.pk, root_id=world.root.pk, unit_ids=unit_ids, values=vectors)
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {name} FROM STDIN (FORMAT BINARY)") as copy,
    ):
        for chunk in copy_stream(rows):
            copy.write(chunk)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {name}")


def _started(world: World, path: Path, key: MetadataKey) -> Import:
    """A dry run whose job waits; the file lies in the storage."""
    with path.open("rb") as file:
        return start_import(
            actor=world.actor,
            folder=world.root,
            kind="vectors",
            file=file,
            file_name=path.name,
            options={"key": key.name},
            dry_run=True,
        )


def _carry_on(row: Import) -> None:
    """Run the import's job as a worker would."""
    if row.job_id is not None:
        execute_job(job_id=row.job_id)
    row.refresh_from_db()


def _peak(world: World, path: Path, dimensions: int) -> float:
    """Megabytes that the check and the write take beyond what the process has."""
    key = _new_key(world, dimensions)
    row = _started(world, path, key)
    with PeakMemory() as peak:
        _carry_on(row)
        _carry_on(carry_out(actor=world.actor, row=row))
    _drop(key)
    return peak.growth


_numbers = count()


def _new_key(world: World, dimensions: int) -> MetadataKey:
    return add_key(
        actor=world.actor,
        name=f"bulk-{next(_numbers)}",
        type=KeyType.EMBEDDING,
        dimensions=dimensions,
    )


def _drop(key: MetadataKey) -> None:
    """Make room on the disk."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {partition_name(key.pk)}, embeddings_vectorchange")
