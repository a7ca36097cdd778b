"""Shows what was measured: a table for people, JSON for machines."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from django.db import connection

from benchmarks.measure import Comparison


def machine() -> dict[str, Any]:
    """Where and with what it was measured."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        (pgvector,) = cursor.fetchone()
        cursor.execute("SHOW server_version")
        (postgres,) = cursor.fetchone()
    return {
        "at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "postgresql": postgres,
        "pgvector": pgvector,
    }


def headline(machine: dict[str, Any]) -> str:
    """The machine in one line."""
    servers = f"PostgreSQL {machine['postgresql']}, pgvector {machine['pgvector']}"
    return f"{machine['processor']}, {machine['cores']} cores (load {machine['load']}), {servers}"


def as_json(comparisons: Iterable[Comparison]) -> list[dict[str, Any]]:
    """Comparisons as the `comparisons` of a result."""
    return [
        {
            "task": comparison.task,
            "reference": comparison.reference,
            "series": [
                asdict(one) | {"unit": one.unit, "p50": one.p50, "p95": one.p95}
                for one in comparison.series
            ],
        }
        for comparison in comparisons
    ]


def table(result: dict[str, Any]) -> str:
    """`sizes` and `comparisons` as text; 1.00 is the reference of each one, larger is slower."""
    lines = [", ".join(f"{name} {size:,}" for name, size in result["sizes"].items())]
    for comparison in result["comparisons"]:
        lines += ["", comparison["task"]]
        series = comparison["series"]
        base = next(one for one in series if one["name"] == comparison["reference"])
        lines += [_line(one, base) for one in series]
    return "\n".join(lines)


def write(name: str, machine: dict[str, Any], result: dict[str, Any], folder: Path) -> Path:
    """Write a result as JSON, over the one of that name; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"machine": machine, **result}
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


def _line(one: dict[str, Any], base: dict[str, Any]) -> str:
    slower = float(np.median(one["seconds"]) / np.median(base["seconds"]))
    notes = "  ".join(f"{name} {value:g}" for name, value in one["notes"].items())
    return (
        f"  {one['name']:<34} p50 {one['p50']:>10,.1f} {one['unit']:<7}"
        f" p95 {one['p95']:>10,.1f} {one['unit']:<7} × {slower:5.2f}  {notes}"
    ).rstrip()


def _processor() -> str:
    """The processor's name where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
