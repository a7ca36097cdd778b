"""The database before the platform runs on it: does it answer, does it suit, is it migrated."""

import time

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from stack.errors import StackError
from stack.journal import Journal

LOWEST_POSTGRES = 16
LOWEST_PGVECTOR = (0, 8)
# A server that another tool starts beside us may need a moment.
CONNECT_SECONDS = 20.0


def check_database() -> None:
    """Raise StackError in plain words unless this is PostgreSQL 16+ with pgvector 0.8+."""
    _connect()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        version = cursor.fetchone()[0]
        cursor.execute(
            "SELECT coalesce(max(installed_version), max(default_version))"
            " FROM pg_available_extensions WHERE name = 'vector'"
        )
        pgvector = cursor.fetchone()[0]
    if version < LOWEST_POSTGRES:
        raise StackError(
            f"DATABASE_URL names a PostgreSQL {version}; Kindred needs {LOWEST_POSTGRES} or newer."
        )
    if pgvector is None or tuple(map(int, pgvector.split(".")[:2])) < LOWEST_PGVECTOR:
        raise StackError(
            f"The PostgreSQL of DATABASE_URL offers pgvector {pgvector or '(none)'}; Kindred needs "
            f"{'.'.join(map(str, LOWEST_PGVECTOR))} or newer."
        )


def migrate(journal: Journal) -> None:
    """Apply missing migrations; raise StackError when the database is of a newer Kindred."""
    executor = MigrationExecutor(connection)
    unknown = sorted(
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations
        if app in executor.loader.migrated_apps
        and (app, name) not in executor.loader.disk_migrations
    )
    if unknown:
        raise StackError(
            f"The database was made by another version of Kindred: it has {', '.join(unknown)}, "
            "which this one does not know. Update Kindred, or choose another data folder with "
            "--data."
        )
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        journal.say(f"Migrating the database ({len(plan)} steps) …")
        call_command("migrate", interactive=False, verbosity=0)


def _connect() -> None:
    """Wait for the database to answer."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise StackError(f"The database does not answer: {error}".strip()) from error
            time.sleep(0.5)
        else:
            return
