"""Locks that hold until the end of the transaction."""

from uuid import UUID

from django.db import connection


def share_tree(organisation_id: UUID) -> None:
    """Keep folders where they are while items and units are written below them.

    A unit repeats the folder and root of its item, so no folder may move in between.
    """
    _lock("pg_advisory_xact_lock_shared", organisation_id)


def own_tree(organisation_id: UUID) -> None:
    """Wait until nobody writes below any folder of the organisation, and hold new writers off."""
    _lock("pg_advisory_xact_lock", organisation_id)


def _lock(function: str, organisation_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(hashtextextended(%s, 0))", [f"folders.tree:{organisation_id}"]
        )
