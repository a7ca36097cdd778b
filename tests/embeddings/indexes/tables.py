"""What is left of indexes in the database, for tests."""

from django.db import connection


def index_tables() -> set[str]:
    """Names of all tables under indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^embeddings_hnsw_'"
        )
        return {name for (name,) in cursor.fetchall()}
