"""Forgetting old changes of vectors."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from embeddings.models import VectorChange, VectorSet

# Files that are in use follow within a day; a file that was not used for longer is made anew.
KEPT = timedelta(days=7)
_CHANGES_PER_BATCH = 50_000


def prune_history() -> int:
    """Delete changes that are older than a week; returns how many.

    The set says first from which revision on its history is whole, so that nobody who has read less
    takes what is left of it for all. One change of that revision stays: its time tells histories
    apart, see embeddings.matrix_files.manifest.
    """
    old = VectorChange.objects.filter(at__lt=timezone.now() - KEPT)
    newest = old.order_by().values_list("vector_set_id").annotate(revision=Max("revision"))
    deleted = 0
    for set_id, revision in list(newest):
        sets = VectorSet.objects.filter(pk=set_id, history_from__lt=revision)
        sets.update(history_from=revision)
        deleted += _delete_before(set_id, revision)
    return deleted


def _delete_before(set_id: int, revision: int) -> int:
    """Delete a set's changes up to a revision but for one of it, a batch per transaction."""
    table = VectorChange._meta.db_table
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"""
                DELETE FROM {table} WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM {table}
                    WHERE vector_set_id = %(set)s AND (revision < %(revision)s
                        OR revision = %(revision)s AND unit_id > (
                            SELECT min(unit_id) FROM {table}
                            WHERE vector_set_id = %(set)s AND revision = %(revision)s
                        ))
                    LIMIT %(batch)s
                ))
                """,  # noqa: S608 - our own table
                {"set": set_id, "revision": revision, "batch": _CHANGES_PER_BATCH},
            )
            deleted = int(cursor.rowcount)
        total += deleted
        if deleted < _CHANGES_PER_BATCH:
            return total
