"""A directory of small pictures with vectors, by `manage.py import_dataset`: time and memory."""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image

from benchmarks.memory import PeakMemory
from benchmarks.world import new_world
from embeddings.models import Vector
from folders.choices import ItemState
from folders.models import Folder, Item, Unit

ROOT = Path(__file__).resolve().parents[2]


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--pictures", type=int, default=20_000, help="how many (20000)")
    parser.add_argument("--side", type=int, default=32, help="pixels (32)")
    parser.add_argument("--dimensions", type=int, default=512, help="of each vector (512)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Import once, look that all is there, import again."""
    new_world("Datasets")
    with tempfile.TemporaryDirectory(prefix="kindred-dataset-") as folder:
        pictures, matrix = Path(folder) / "pictures", Path(folder) / "vectors.npz"
        _make(pictures, matrix, arguments)
        first = _import(pictures, matrix)
        _require_all(arguments)
        again = _import(pictures, matrix)
    return {
        "sizes": {name: getattr(arguments, name) for name in ("pictures", "side", "dimensions")},
        "first": first | {"pictures_per_second": arguments.pictures / first["seconds"]},
        "again": again,
        "database": _phase_sizes(),
    }


def report(result: dict[str, Any]) -> str:
    """Two lines."""
    sizes, first, again = result["sizes"], result["first"], result["again"]
    return (
        f"{sizes['pictures']:,} PNG of {sizes['side']}×{sizes['side']} with"
        f" {sizes['dimensions']}-d vectors, thumbnails included\n"
        f"  first time {first['seconds']:6.1f} s  {first['pictures_per_second']:7.0f} pictures/s"
        f"  computing {first['cpu_seconds']:6.1f} s  peak {first['peak_mb']:5.0f} MB\n"
        f"  again      {again['seconds']:6.1f} s  (adds nothing)    "
        f"  computing {again['cpu_seconds']:6.1f} s  peak {again['peak_mb']:5.0f} MB\n"
        "  computing and memory: of the command and its decoders, without PostgreSQL"
    )


def _make(pictures: Path, matrix: Path, arguments: Namespace) -> None:
    """Pictures with shapes and noise, in ten folders; the vectors are random."""
    generator = np.random.default_rng(32)
    names = [f"class-{n % 10}/picture-{n:06}.png" for n in range(arguments.pictures)]
    for number in range(10):
        (pictures / f"class-{number}").mkdir(parents=True)
    side = arguments.side
    for name in names:
        small = generator.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        image = Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)
        noise = generator.integers(0, 12, (side, side, 3), dtype=np.uint8)
        noisy = np.asarray(image) // 2 + noise
        Image.fromarray(noisy.astype(np.uint8)).save(pictures / name)
    vectors = generator.standard_normal((len(names), arguments.dimensions)).astype(np.float32)
    np.savez(matrix, ids=np.array(names), vectors=vectors)


def _import(pictures: Path, matrix: Path) -> dict[str, float]:
    """Run the command as a user would, in a process of its own."""
    command = [sys.executable, "manage.py", "import_dataset", str(pictures)]
    command += ["--embeddings", str(matrix), "--key", "clip", "--data", str(settings.KINDRED_DATA)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        output = pool.submit(process.communicate)
        with PeakMemory(process.pid) as peak:
            text = output.result()[0].decode()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(text)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak.megabytes}


def _require_all(arguments: Namespace) -> None:
    """Everything is there, and can be seen and searched."""
    root = Folder.objects.get(name="pictures", parent=None)
    items = Item.objects.filter(folder__root=root, state=ItemState.READY)
    counts = (items.count(), Unit.objects.filter(root=root).count(), Vector.objects.count())
    if set(counts) != {arguments.pictures}:
        raise RuntimeError(f"Items, units and vectors: {counts}.")
    item = items.order_by("?").first()
    if item is None or not default_storage.exists(item.storage_key):
        raise RuntimeError("An original is missing.")


def _phase_sizes() -> dict[str, int]:
    """Bytes of the tables that were filled."""
    tables = ("folders_item", "folders_unit")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relname = ANY (%s)",
            [list(tables)],
        )
        return {re.sub("^folders_", "", name): size for name, size in cursor.fetchall()}
