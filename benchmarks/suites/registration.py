"""Registration of cloud objects: items per second and peak memory, against a bare COPY."""

import json
import os
import resource
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.db import connection, transaction

from benchmarks.world import World, new_world
from core.jobs.execution import execute_job
from folders.choices import KeyType
from folders.models import Folder, Import, Item, Unit
from folders.services.data_imports import start_import
from folders.services.schema import add_key

DIMENSIONS = 512
# Django first: the suite imports models.
_WORKER = """
import sys, django
django.setup()
from benchmarks.suites.registration import work
work(sys.argv[1])
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--items", type=int, default=100_000, help="without vectors (100000)")
    parser.add_argument(
        "--items-with-vectors", type=int, default=10_000, help=f"of {DIMENSIONS} numbers (10000)"
    )


def run(arguments: Namespace) -> dict[str, Any]:
    """Register images with given measures and three values each, without vectors and with one."""
    sizes = {"items": arguments.items, "items with vectors": arguments.items_with_vectors}
    cases = [
        _case("registration", arguments.items, vectors=False),
        _case(
            f"registration, {DIMENSIONS} numbers each", arguments.items_with_vectors, vectors=True
        ),
    ]
    return {"sizes": sizes, "cases": [case for case in cases if case]}


def report(result: dict[str, Any]) -> str:
    """One line for each case; the ratio is to a bare COPY of the same rows of items and units."""
    return "\n".join(
        f"  {case['name']:<34} {case['items']:>8,} items  {case['megabytes']:>7,.0f} MB of JSON"
        f"  {case['items'] / case['seconds']:>8,.0f} items/s"
        f"  CPU {case['cpu_seconds']:>6.1f} s"
        f"  check {case['check_seconds']:>6.1f} s  write {case['write_seconds']:>6.1f} s"
        f"  bare COPY {case['items'] / case['copy_seconds']:>8,.0f} items/s"
        f"  × {case['seconds'] / case['copy_seconds']:5.2f}  peak {case['peak_mb']:,.0f} MB"
        for case in result["cases"]
    )


def work(import_id: str) -> None:
    """Carry out an import in a process of its own, as a worker does; prints its times."""
    row = Import.objects.get(pk=import_id)
    assert row.job_id is not None  # noqa: S101  every import starts with its job
    began, cpu = time.perf_counter(), time.process_time()
    execute_job(job_id=row.job_id)
    result = {
        "seconds": time.perf_counter() - began,
        # On a busy machine the better measure of our part; PostgreSQL's is not in it.
        "cpu_seconds": time.process_time() - cpu,
        # Kilobytes on Linux. Asking for it now and then would cost more than the import.
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    row.refresh_from_db()
    print(json.dumps({**result, "state": row.state}))


def _case(name: str, count: int, *, vectors: bool) -> dict[str, Any]:
    if not count:
        return {}
    world = new_world(name)
    if vectors:
        add_key(actor=world.actor, name="clip", type=KeyType.EMBEDDING, dimensions=DIMENSIONS)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "registration.json"
        _write_file(path, count, vectors=vectors)
        megabytes = path.stat().st_size / 1024**2
        checked = _carry_out(world, path, dry_run=True)
        done = _carry_out(world, path, dry_run=False)
    if Item.objects.filter(folder=world.root).count() != count:
        raise RuntimeError("The import did not register everything.")
    return {
        "name": name,
        "items": count,
        "megabytes": megabytes,
        "seconds": done["seconds"],
        "check_seconds": checked["seconds"],
        "write_seconds": done["seconds"] - checked["seconds"],
        "cpu_seconds": done["cpu_seconds"],
        "copy_seconds": _bare_copy(world.root),
        "peak_mb": done["peak_mb"],
    }


def _carry_out(world: World, path: Path, *, dry_run: bool) -> dict[str, Any]:
    """Import the file in a process of its own; a dry run is the check alone."""
    with path.open("rb") as file:
        row = start_import(
            actor=world.actor,
            folder=world.root,
            kind="registration",
            file=file,
            file_name=path.name,
            dry_run=dry_run,
        )
    root = str(Path(__file__).resolve().parent.parent.parent)
    environment = os.environ | {"PYTHONPATH": f"{root}:{root}/platform"}
    ended = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-c", _WORKER, str(row.pk)],
        env=environment,
        cwd=root,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    result: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    if result["state"] not in ("done", "checked"):
        raise RuntimeError(f"The import ended as {result['state']}.")
    return result


def _write_file(path: Path, count: int, *, vectors: bool) -> None:
    with path.open("w") as file:
        file.write('{"images": [')
        for number, entry in enumerate(_entries(count, vectors=vectors)):
            file.write(",\n" if number else "")
            json.dump(entry, file)
        file.write("]}")


def _entries(count: int, *, vectors: bool) -> Iterator[dict[str, Any]]:
    random = np.random.default_rng(7)
    for number in range(count):
        metadata: dict[str, Any] = {
            "split": ("train", "test")[number % 2],
            "score": number / 7,
            "source": f"camera-{number % 97}",
        }
        if vectors:
            metadata["clip"] = random.standard_normal(DIMENSIONS, dtype=np.float32).tolist()
        yield {
            "objectUrl": f"https://pictures.example.org/archive/{number:08}.jpg",
            "clientMetadata": metadata,
            "imageMetadata": {
                "mimeType": "image/jpeg",
                "fileSize": 100_000 + number,
                "width": 1920,
                "height": 1080,
            },
        }


def _bare_copy(folder: Folder) -> float:
    """Seconds of a COPY of the same rows into tables with the same indexes, and nothing else."""
    seconds = 0.0
    for model in (Item, Unit):
        table = model._meta.db_table
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE bare (LIKE {table} INCLUDING ALL)")
            with cursor.copy(
                f"COPY (SELECT * FROM {table} WHERE folder_id = '{folder.pk}') TO STDOUT"  # noqa: S608
            ) as copy:
                rows = [bytes(chunk) for chunk in copy]
            began = time.perf_counter()
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for row in rows:
                    copy.write(row)
            seconds += time.perf_counter() - began
            cursor.execute("DROP TABLE bare")
    return seconds
