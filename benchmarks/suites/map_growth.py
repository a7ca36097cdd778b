"""Maps that grow: how long new vectors wait for their place, how good it is, who moves."""

import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.map_quality import RECALLED, Yardstick
from benchmarks.memory import PeakMemory
from benchmarks.samples import Floats
from benchmarks.searched import write_vectors_of
from benchmarks.suites.maps import REAL_VECTORS, map_vectors
from benchmarks.world import World, add_many_images, new_world
from core.jobs.execution import execute_job
from core.models import Job
from embeddings.matrix_files.background import Wish, fulfil
from embeddings.models import Reduction
from embeddings.reductions.reduction import usable_threads
from embeddings.services.placement import PLACE
from embeddings.services.points import LaidOut, all_points
from embeddings.services.reductions import REDUCE
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from folders.choices import KeyType
from folders.models import MetadataKey


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--points", type=int, default=10_000, help="on the first map (10000)")
    parser.add_argument(
        "--added",
        type=int,
        nargs="+",
        default=[1_000, 10_000, 79_000],
        help="vectors that come later, one import after the other (1000 10000 79000)",
    )
    parser.add_argument("--data", type=Path, default=REAL_VECTORS, help="a file of vectors, .npy")


def run(arguments: Namespace) -> dict[str, Any]:
    """Lay out the first, then place what comes; at the end lay out all anew, to compare."""
    total = arguments.points + sum(arguments.added)
    vectors = _shuffled(map_vectors(arguments.data, total))
    world = new_world("Growth")
    unit_ids = add_many_images(world, total)
    key = MetadataKey.objects.create(
        organisation=world.actor.organisation,
        name="growing",
        type=KeyType.EMBEDDING,
        dimensions=vectors.shape[1],
    )
    here = _Here(world, key, unit_ids, vectors)
    rows = [here.lay_out(arguments.points)]
    for count in arguments.added:
        rows.append(here.grow(count))
        print(f"  {rows[-1]['name']}: {rows[-1]['seconds']:.1f} s", file=sys.stderr)
    rows.append(here.lay_out_anew())
    return {
        "vectors": arguments.data.name if arguments.data.exists() else "made up",
        "dimensions": vectors.shape[1],
        "rows": rows,
    }


def report(result: dict[str, Any]) -> str:
    """One line for each step."""
    head = f"{'':<34} {'points':>8} {'seconds':>8} {'grown MB':>9} {f'recall@{RECALLED}':>10}"
    lines = [
        f"vectors: {result['vectors']}, {result['dimensions']} dimensions",
        f"{head} {'trust@15':>9} {'KL':>6} {'moved':>6}",
    ]
    lines += [
        f"  {row['name']:<32} {row['points']:>8,} {row['seconds']:>8.1f} {row['growth_mb']:>9,.0f}"
        f" {row['recall']:>10.4f} {row['trust']:>9.4f} {row['divergence']:>6.3f}"
        f" {row['moved']:>6,}"
        for row in result["rows"]
    ]
    return "\n".join(lines)


class _Here:
    """A root folder whose map grows."""

    def __init__(
        self, world: World, key: MetadataKey, unit_ids: npt.NDArray[np.int64], vectors: Floats
    ) -> None:
        self.world, self.key, self.unit_ids, self.vectors = world, key, unit_ids, vectors
        self.count = 0

    def lay_out(self, count: int) -> dict[str, Any]:
        """The first map."""
        self._import(count)
        seconds, growth = self._compute()
        return self._row(f"t-SNE of {count:,}", seconds, growth, moved=0)

    def grow(self, count: int) -> dict[str, Any]:
        """An import, and the placement that follows."""
        before = self._points()
        self._import(count)
        job = Job.objects.filter(kind=PLACE, state="queued").latest("created_at")
        seconds, growth = _carry_out(job)
        after = self._points()
        where, there = after.find(before.unit_ids)
        same = there & (after.points[where] == before.points).all(axis=1)
        return self._row(f"{count:,} placed", seconds, growth, moved=int((~same).sum()))

    def lay_out_anew(self) -> dict[str, Any]:
        """What a layout of all at once would be."""
        Reduction.objects.filter(root=self.world.root).delete()
        seconds, growth = self._compute()
        return self._row(f"t-SNE of all {self.count:,} anew", seconds, growth, moved=0)

    def _import(self, count: int) -> None:
        rows = slice(self.count, self.count + count)
        write_vectors_of(self.world, self.key, self.unit_ids[rows], self.vectors[rows])
        self.count += count
        # Kept up to date by whoever searches; so it is there when the job begins.
        fulfil(Wish(self.world.root.pk, self.key.pk, self.vectors.shape[1]))

    def _compute(self) -> tuple[float, float]:
        choice = UpgradeChoice(key=self.key, reduce=True)
        save_upgrade(actor=self.world.actor, root=self.world.root, keys=[choice])
        return _carry_out(Job.objects.filter(kind=REDUCE, state="queued").latest("created_at"))

    def _points(self) -> LaidOut:
        return all_points(Reduction.objects.filter(root=self.world.root).latest("version"))

    def _row(self, name: str, seconds: float, growth: float, moved: int) -> dict[str, Any]:
        found = self._points()
        rows = np.searchsorted(self.unit_ids, found.unit_ids)
        if len(rows) != self.count:
            raise RuntimeError(f"{self.count - len(rows)} units have no place.")
        quality = Yardstick(self.vectors[rows], usable_threads()).measure(found.points)
        return {
            "name": name,
            "points": len(rows),
            "seconds": seconds,
            "growth_mb": growth,
            "recall": quality.recall,
            "trust": quality.trust,
            "divergence": quality.divergence,
            "moved": moved,
        }


def _carry_out(job: Job) -> tuple[float, float]:
    """Run a job here; seconds, and megabytes that the process grew by."""
    started = time.perf_counter()
    with PeakMemory() as peak:
        execute_job(job_id=job.pk)
    seconds = time.perf_counter() - started
    job.refresh_from_db()
    if job.state != "finished":
        raise RuntimeError(f"{job.title} ended as {job.state}: {job.error_message}")
    return seconds, peak.growth


def _shuffled(vectors: Floats) -> Floats:
    """So that what comes later is of the same kind as what is there."""
    order = np.random.default_rng(5).permutation(len(vectors))
    return np.ascontiguousarray(vectors[order])
