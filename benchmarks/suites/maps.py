"""Maps: ours beside openTSNE's defaults and others, by time, peak memory and quality."""

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.alone import run_alone
from benchmarks.map_quality import Yardstick
from benchmarks.reducing import Floats, unit
from embeddings.reductions.layout import no_report
from embeddings.reductions.neighbours import find_neighbours
from embeddings.reductions.reduction import usable_threads

ROOT = Path(__file__).resolve().parents[2]
REAL_VECTORS = ROOT.parent / "shared" / "data" / "cifar10-test.cnn512.f16.npy"
OURS, REFERENCE = "t-SNE", "openTSNE's defaults"
# scikit-learn's time grows too fast to wait for beyond.
_SCIKIT_LEARN_TO = 10_000


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument(
        "--points", type=int, nargs="+", default=[10_000, 60_000], help="sizes (10000 60000)"
    )
    parser.add_argument(
        "--methods", nargs="+", help="names of rows; all that are installed without it"
    )
    parser.add_argument("--data", type=Path, default=REAL_VECTORS, help="a file of vectors, .npy")


def run(arguments: Namespace) -> dict[str, Any]:
    """Measure every size once."""
    maps = [
        {
            "points": count,
            "dimensions": vectors.shape[1],
            "rows": _measure(vectors, arguments.methods),
        }
        for count in arguments.points
        for vectors in [map_vectors(arguments.data, count)]
    ]
    return {"vectors": arguments.data.name if arguments.data.exists() else "made up", "maps": maps}


def report(result: dict[str, Any]) -> str:
    """One table for each size; × is the time of openTSNE's defaults over that of the row.

    Where those were not measured, it is the time of our own t-SNE instead.
    CPU s are seconds of all processors together, which other work on the machine changes little.
    """
    lines = [f"vectors: {result['vectors']}"]
    for one in result["maps"]:
        head = f"{one['points']:,} × {one['dimensions']}"
        lines += [
            "",
            f"{head:<22} seconds      ×   CPU s  peak MB  over array  recall@10  trust@15     KL",
        ]
        rows = {row["name"]: row["seconds"] for row in one["rows"]}
        base = rows.get(REFERENCE) or rows.get(OURS, float("nan"))
        lines += [
            f"  {row['name']:<20} {row['seconds']:>7.1f} {base / row['seconds']:>6.1f}"
            f" {_processors(row):>7} {row['peak_mb']:>8,.0f} {row['over_array_mb']:>11,.0f}"
            f" {row['recall']:>10.4f} {row['trust']:>9.4f} {_divergence(row)}"
            for row in one["rows"]
        ]
    return "\n".join(lines)


def _processors(row: dict[str, Any]) -> str:
    """Seconds of processors; older results do not know them."""
    seconds = row.get("processor_seconds")
    return "" if seconds is None else f"{seconds:.1f}"


def _divergence(row: dict[str, Any]) -> str:
    return f"{'~' if row.get('divergence_estimated') else '':>2}{row['divergence']:>5.3f}"


def _measure(vectors: Floats, methods: list[str] | None) -> list[dict[str, Any]]:
    yardstick = Yardstick(vectors, usable_threads())
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "vectors.npy", Path(folder) / "points.npy"
        np.save(source, vectors)
        for name in methods or _contenders(len(vectors)):
            took = run_alone("benchmarks.reducing", name, str(source), str(target))
            quality = yardstick.measure(np.load(target))
            rows.append(
                {
                    "name": name,
                    "seconds": took.seconds,
                    "processor_seconds": took.processor_seconds,
                    "peak_mb": took.megabytes,
                    "over_array_mb": took.megabytes - vectors.nbytes / 2**20,
                    "recall": quality.recall,
                    "trust": quality.trust,
                    "divergence": quality.divergence,
                    "divergence_estimated": quality.estimated,
                }
            )
            print(f"  {name}: {took.seconds:.1f} s", file=sys.stderr)
    return rows


def _contenders(count: int) -> list[str]:
    names = [OURS, "t-SNE, fast", "PCA", REFERENCE]
    if count <= _SCIKIT_LEARN_TO:
        names.append("scikit-learn's TSNE")
    if find_spec("umap"):
        names.append("umap-learn")
    return names


def map_vectors(data: Path, count: int) -> Floats:
    """As many vectors, real ones first; further ones lie between two near real ones."""
    generator = np.random.default_rng(0)
    if data.exists():
        real = unit(np.load(data).astype(np.float32))
    else:
        middles = generator.normal(size=(40, 512))
        spread = generator.normal(size=(10_000, 512))
        spread += middles[generator.integers(0, 40, 10_000)]
        real = unit(np.asarray(spread, dtype=np.float32))
    if count <= len(real):
        return real[:count]
    near = find_neighbours(real, 10, seed=0, threads=usable_threads(), report=no_report).indices
    first = generator.integers(0, len(real), count - len(real))
    second = near[first, generator.integers(0, 10, len(first))]
    share = generator.random((len(first), 1), dtype=np.float32)
    between = real[first] * (1 - share) + real[second] * share
    noise = np.asarray(generator.normal(scale=0.004, size=between.shape), dtype=np.float32)
    return np.concatenate([real, unit(between + noise)])
