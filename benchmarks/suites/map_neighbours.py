"""Neighbours of every row, as maps need them: exactly, by trees, by descent; seconds and recall."""

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.alone import run_alone
from benchmarks.neighbour_search import CONTENDERS
from benchmarks.samples import Floats, vectors_like

RECALLED = 10
# Rows whose true neighbours are looked up.
_QUERIES = 2000


def add_arguments(parser: ArgumentParser) -> None:
    """Sizes, threads and contenders."""
    parser.add_argument("--rows", type=int, default=200_000, help="how many (200000)")
    parser.add_argument("--dimensions", type=int, default=512, help="of each row (512)")
    parser.add_argument("--threads", type=int, default=2, help="of every contender (2)")
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), help="which (all)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Measure every contender once, with the same number of threads."""
    vectors = vectors_like(None, arguments.rows, arguments.dimensions)
    chosen = np.random.default_rng(0).choice(len(vectors), _QUERIES, replace=False)
    true = _true_neighbours(vectors, chosen)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "vectors.npy", Path(folder) / "found.npy"
        np.save(source, vectors)
        for name in arguments.contenders:
            if name.startswith("pynndescent") and find_spec("pynndescent") is None:
                continue
            took = run_alone(
                "benchmarks.neighbour_search",
                *(name, str(source), str(arguments.threads), str(target)),
            )
            found = np.load(target)[chosen, :RECALLED]
            shared = [len({*a} & {*b}) for a, b in zip(true, found.tolist(), strict=True)]
            rows.append(
                {
                    "name": name,
                    "seconds": took.seconds,
                    "processor_seconds": took.processor_seconds,
                    "over_array_mb": took.megabytes - vectors.nbytes / 2**20,
                    "recall": float(np.mean(shared)) / RECALLED,
                }
            )
            print(f"  {name}: {took.seconds:.1f} s", file=sys.stderr)
    return {
        "points": len(vectors),
        "dimensions": vectors.shape[1],
        "threads": arguments.threads,
        "rows": rows,
    }


def report(result: dict[str, Any]) -> str:
    """One table."""
    head = f"{result['points']:,} × {result['dimensions']}, {result['threads']} threads"
    lines = [f"{head:<32} seconds  recall@10  MB over array"]
    lines += [
        f"  {row['name']:<30} {row['seconds']:>7.1f} {row['recall']:>10.3f}"
        f" {row['over_array_mb']:>14,.0f}"
        for row in result["rows"]
    ]
    return "\n".join(lines)


def _true_neighbours(vectors: Floats, chosen: Any) -> list[list[int]]:
    """In all dimensions, of the chosen rows."""
    nearest = []
    for start in range(0, len(chosen), 200):
        rows = chosen[start : start + 200]
        scores = vectors[rows] @ vectors.T
        scores[np.arange(len(rows)), rows] = -np.inf
        nearest += np.argpartition(-scores, RECALLED, axis=1)[:, :RECALLED].tolist()
    return nearest
