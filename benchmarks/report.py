"""Shows what was measured: a table for people, JSON for machines."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from django.db import connection

from benchmarks.measure import Comparison


@dataclass(frozen=True, slots=True)
class Suite:
    """Comparisons that belong together, with the sizes they were made at."""

    name: str
    sizes: dict[str, int]
    comparisons: list[Comparison]


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


def table(suite: Suite, machine: dict[str, Any]) -> str:
    """The suite as text; 1.00 is the reference of each comparison, larger is slower."""
    sizes = ", ".join(f"{name} {size}" for name, size in suite.sizes.items())
    servers = f"PostgreSQL {machine['postgresql']}, pgvector {machine['pgvector']}"
    place = f"{machine['processor']}, {machine['cores']} cores (load {machine['load']})"
    lines = [f"{suite.name}: {sizes}", f"{place}, {servers}"]
    for comparison in suite.comparisons:
        lines += ["", comparison.task]
        base = next(one for one in comparison.series if one.name == comparison.reference)
        for one in comparison.series:
            slower = float(np.median(one.seconds) / np.median(base.seconds))
            notes = "  ".join(f"{name} {value:g}" for name, value in one.notes.items())
            lines.append(
                f"  {one.name:<34} p50 {one.p50:>10,.1f} {one.unit:<7}"
                f" p95 {one.p95:>10,.1f} {one.unit:<7} × {slower:5.2f}  {notes}".rstrip()
            )
    return "\n".join(lines)


def write(suite: Suite, machine: dict[str, Any], folder: Path) -> Path:
    """Write the suite as JSON, over the one of the last run; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    comparisons = [
        {
            "task": comparison.task,
            "reference": comparison.reference,
            "series": [
                asdict(one) | {"unit": one.unit, "p50": one.p50, "p95": one.p95}
                for one in comparison.series
            ],
        }
        for comparison in suite.comparisons
    ]
    content = {
        "machine": machine,
        "suite": suite.name,
        "sizes": suite.sizes,
        "comparisons": comparisons,
    }
    path = folder / f"{suite.name}.json"
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


def _processor() -> str:
    """The processor's name where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
