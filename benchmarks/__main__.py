"""Run the benchmarks on a PostgreSQL of their own; print a table, write JSON.

make bench                                    everything, at the sizes of the repository's table
make bench ARGS="--vectors 2000 --rounds 2"   quicker
"""

import argparse
import os
import secrets
import tempfile
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> None:
    """Parse the arguments, start the server, run the suites, report."""
    arguments = _arguments()
    # Linear algebra on one thread, as in web processes; set before numpy is imported.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory(prefix="kindred-bench-") as folder:
        from stack.postgres import EmbeddedPostgres

        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        postgres.start()
        try:
            _prepare_django(postgres.url, Path(folder))
            _run(arguments)
        finally:
            _disconnect()
            postgres.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--vectors", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--dimensions", type=int, default=512, help="of each vector (512)")
    parser.add_argument("--rounds", type=int, default=5, help="imports measured (5)")
    parser.add_argument("--queries", type=int, default=50, help="searches measured (50)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON")
    return parser.parse_args()


def _prepare_django(database_url: str, folder: Path) -> None:
    """Settings as in production, on an empty database with all migrations."""
    os.environ["DATABASE_URL"] = database_url
    os.environ["KINDRED_SECRET_KEY"] = secrets.token_hex(16)
    os.environ["KINDRED_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.base"

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _run(arguments: argparse.Namespace) -> None:
    from benchmarks import report, vectors

    suite = vectors.run(
        count=arguments.vectors,
        dimensions=arguments.dimensions,
        rounds=arguments.rounds,
        queries=arguments.queries,
    )
    machine = report.machine()
    print(report.table(suite, machine))
    print(f"\nWritten to {report.write(suite, machine, arguments.results)}")


def _disconnect() -> None:
    from django.conf import settings
    from django.db import connections

    if settings.configured:
        connections.close_all()


if __name__ == "__main__":
    main()
