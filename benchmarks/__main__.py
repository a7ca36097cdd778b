"""Run benchmarks on a PostgreSQL of their own; print tables, write JSON.

make bench                                            all suites, at the sizes of the stored results
make bench ARGS="vectors --vectors 2000 --rounds 2"   one suite, quicker
make bench ARGS="search --vectors 1000000 --label 1m" kept beside the suite's usual result
make bench ARGS="--list"                              what there is
make bench ARGS="--tables"                            docs/benchmarks.md from the stored results

A suite is a module in benchmarks/suites with three functions:

    add_arguments(parser)    its options
    run(arguments) -> dict   measures; what it returns is written as JSON
    report(result) -> str    the same as a table
"""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from benchmarks.places import HERE, RESULTS


def main(argv: Sequence[str]) -> None:
    """Run the suites that the arguments name, all without one."""
    names = list(takewhile(lambda word: not word.startswith("-"), argv))
    options = argv[len(names) :]
    known = [module.name for module in iter_modules([str(HERE / "suites")])]
    if "--list" in options:
        print("\n".join(known))
        return
    if unknown := set(names) - set(known):
        sys.exit(f"There is no suite {', '.join(sorted(unknown))}; there are {', '.join(known)}.")
    with _surroundings():
        # Imported here: suites import models, which need Django to be set up.
        from benchmarks.tables import write_page

        if "--tables" in options:
            print(f"Written to {write_page()}")
            return
        suites = {name: import_module(f"benchmarks.suites.{name}") for name in names or known}
        arguments = _parse(suites, options)
        for name, suite in suites.items():
            _run(name, suite, arguments[name])
            if arguments[name].results == RESULTS:
                write_page()


def _parse(suites: dict[str, Any], options: Sequence[str]) -> dict[str, argparse.Namespace]:
    """The arguments of each suite; an option that none of them has is an error."""
    parsed = {}
    left = set(options)
    for name, suite in suites.items():
        parser = argparse.ArgumentParser(
            prog=f"python -m benchmarks {name}",
            description=suite.__doc__,
            epilog=f"Suites: {', '.join(suites)}. See also `--list`.",
        )
        suite.add_arguments(parser)
        parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON")
        parser.add_argument("--label", help="of the JSON, beside the suite's name")
        parsed[name], unknown = parser.parse_known_args(options)
        left &= set(unknown)
    if left:
        sys.exit(f"No suite takes {' '.join(word for word in options if word in left)}.")
    return parsed


def _run(name: str, suite: Any, arguments: argparse.Namespace) -> None:
    from benchmarks import report

    machine = report.machine()
    result = suite.run(arguments)
    print(f"{name} on {report.headline(machine)}\n{suite.report(result)}\n")
    stored = f"{name}-{arguments.label}" if arguments.label else name
    path = report.write(stored, machine, result | {"suite": name}, arguments.results)
    print(f"Written to {path}\n")


@contextmanager
def _surroundings() -> Iterator[None]:
    """An empty database with all migrations, a data folder, settings as in production."""
    # Linear algebra on one thread, as in web processes; set before numpy is imported.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory(prefix="kindred-bench-") as folder:
        from stack.postgres import EmbeddedPostgres

        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        postgres.start()
        try:
            _prepare_django(postgres.url, Path(folder))
            yield
        finally:
            _disconnect()
            postgres.stop()


def _prepare_django(database_url: str, folder: Path) -> None:
    os.environ["DATABASE_URL"] = database_url
    # Nothing listens there: what suites enqueue waits in the table.
    os.environ["REDIS_URL"] = "redis://127.0.0.1:1/0"
    os.environ["KINDRED_SECRET_KEY"] = secrets.token_hex(16)
    os.environ["KINDRED_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.base"

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _disconnect() -> None:
    from django.conf import settings
    from django.db import connections

    if settings.configured:
        connections.close_all()


if __name__ == "__main__":
    main(sys.argv[1:])
