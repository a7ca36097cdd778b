"""All stored results as one page of the documentation."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.places import PAGE, RESULTS
from benchmarks.report import headline

_HEAD = """# Benchmarks

What was measured last, one section for each stored result; `make bench` writes this page. How a
figure comes about is said at the top of its suite, `benchmarks/suites/<suite>.py`. Machines are
noisy: believe ratios within one run, not milliseconds of two.
"""


def page() -> str:
    """The page as it belongs to the stored results."""
    sections = [_section(path) for path in sorted(RESULTS.glob("*.json"))]
    return "\n".join([_HEAD, *sections])


def write_page() -> Path:
    """Write it; returns the file."""
    PAGE.write_text(page())
    return PAGE


def _section(path: Path) -> str:
    result: dict[str, Any] = json.loads(path.read_text())
    suite = import_module(f"benchmarks.suites.{result['suite']}")
    purpose = (suite.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
    measured = result["machine"]["at"][:10]
    return (
        f"## {path.stem}\n\n{purpose}\n\nOn {measured}, {headline(result['machine'])}.\n\n"
        f"```\n{suite.report(result)}\n```\n"
    )
