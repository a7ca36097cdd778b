"""How soon a map's first points are there, end to end: a real worker, matrix file, cache.

Measured from the moment the job is sent: the worker is running, as in production. *Cold* is its
first job, for which it loads its libraries, without a matrix file; *warm* has both.
"""

import os
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings

from benchmarks.samples import vectors_like
from benchmarks.world import World, add_images, new_world
from core.models import Job
from core.services.jobs import dispatch_waiting_jobs, request_cancel
from embeddings.forming import latest_snapshot
from embeddings.matrix_files import open_matrix
from embeddings.models import Reduction
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from embeddings.services.vectors import write_vectors
from folders.choices import KeyType, Metric
from folders.models import MetadataKey
from stack.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 120.0
_EVERY = 0.02
_WARM_UP = 8.0
_BATCH = 10_000


def add_arguments(parser: ArgumentParser) -> None:
    """The size."""
    parser.add_argument("--points", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--dimensions", type=int, default=512, help="of each vector (512)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Fill a folder once; compute its map twice, up to the first points."""
    world = new_world("Preview")
    key = _key_with_vectors(world, arguments.points, arguments.dimensions)
    rows: list[dict[str, Any]] = []
    with _broker() as url, _worker(url):
        # A worker that waits for work, as it does in production.
        time.sleep(_WARM_UP)
        for name in ("cold", "warm"):
            if name == "warm":
                _wait(lambda: open_matrix(root_id=world.root.pk, key=key), "the matrix file")
            rows.append({"name": name} | _first_points(world, key, seed=len(rows)))
            print(f"  {rows[-1]}", file=sys.stderr)
    return {"points": arguments.points, "dimensions": arguments.dimensions, "rows": rows}


def report(result: dict[str, Any]) -> str:
    """One line for each."""
    head = f"{result['points']:,} × {result['dimensions']}"
    lines = [f"{head:<20} from sending  from the job's start"]
    lines += [
        f"  {row['name']:<18} {row['from_sending']:>10.2f} s {row['from_start']:>19.2f} s"
        for row in result["rows"]
    ]
    return "\n".join(lines)


def _key_with_vectors(world: World, count: int, dimensions: int) -> MetadataKey:
    key = MetadataKey.objects.create(
        organisation=world.actor.organisation,
        name="preview",
        type=KeyType.EMBEDDING,
        dimensions=dimensions,
        metric=Metric.COSINE,
    )
    unit_ids = add_images(world, count)
    vectors = vectors_like(None, count, dimensions)
    for start in range(0, count, _BATCH):
        rows = slice(start, start + _BATCH)
        write_vectors(key=key, unit_ids=unit_ids[rows], values=vectors[rows])
    return key


def _first_points(world: World, key: MetadataKey, *, seed: int) -> dict[str, float]:
    """Seconds until the cache has points; the run is cancelled then."""
    choice = UpgradeChoice(key=key, reduce=True, parameters={"seed": seed})
    (job,) = save_upgrade(actor=world.actor, root=world.root, keys=[choice])
    reduction_id = UUID(Job.objects.get(pk=job.pk).payload["reduction"])
    sent = time.time()
    dispatch_waiting_jobs()
    _wait(lambda: latest_snapshot(reduction_id), "the first points")
    shown = time.time()
    job.refresh_from_db()
    assert job.started_at is not None  # noqa: S101  (it shows points)
    request_cancel(job=job)
    _wait(lambda: not Reduction.objects.get(pk=reduction_id).is_active, "the end of the run")
    return {"from_sending": shown - sent, "from_start": shown - job.started_at.timestamp()}


def _wait(condition: Any, what: str) -> None:
    until = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"Waited too long for {what}.")
        time.sleep(_EVERY)


@contextmanager
def _broker() -> Iterator[str]:
    valkey = EmbeddedValkey(Path(settings.KINDRED_DATA) / "redis")
    valkey.start()
    try:
        settings.CELERY_BROKER_URL = valkey.url
        app: Any = current_app
        app.conf.broker_url = valkey.url
        settings.CACHES["default"]["LOCATION"] = valkey.url
        yield valkey.url
    finally:
        valkey.stop()


@contextmanager
def _worker(broker_url: str) -> Iterator[None]:
    """The worker of reductions, as the stack starts it, at the same priority as everything."""
    environment = {name: value for name, value in os.environ.items() if "OPENBLAS" not in name}
    environment |= {
        "REDIS_URL": broker_url,
        "PYTHONPATH": str(ROOT / "platform"),
        "CELERY_SKIP_CHECKS": "1",
    }
    command = [
        *(sys.executable, "-m", "celery", "--quiet", "--app=config", "worker"),
        *("--pool", "prefork", "--concurrency", "1", "--queues", "reductions"),
        *("--without-mingle", "--without-gossip", "--loglevel", "WARNING"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        process.wait()
