"""Partitions of the vectors table: one per embedding key.

A partition is made beside the table and then attached: `CREATE TABLE … PARTITION OF` would wait for
every open reader and block all that follow.
"""

import time

from django.db import OperationalError, connection, transaction
from psycopg import errors

from embeddings.constants import MAX_PLAIN_DIMENSIONS
from embeddings.models import VectorChange, VectorSet
from folders.choices import KeyType
from folders.models import MetadataKey

PARENT = "embeddings_vector"
# First number of our advisory locks on keys; any constant that nothing else uses.
_LOCK_SPACE = 0x6B696E64
_CHANGES_PER_BATCH = 50_000
_DETACH_ATTEMPTS = 60
_DETACH_LOCK_TIMEOUT = "250ms"
_DETACH_PAUSE_SECONDS = 0.5


def partition_name(key_id: int) -> str:
    """The table that holds the vectors of one key."""
    return f"{PARENT}_{int(key_id)}"


def partition_for_new_key(key: MetadataKey) -> None:
    """Make the partition of a new embedding key; without a size, its first vector makes it.

    Registered with folders as a hook on new keys.
    """
    if key.type == KeyType.EMBEDDING and key.dimensions is not None:
        ensure_partition(key_id=key.pk, dimensions=key.dimensions)


def ensure_partition(*, key_id: int, dimensions: int) -> None:
    """Make the key's partition unless it is there; readers and writers of other keys go on.

    Belongs in the transaction that gives the key its size, so that both appear together.
    """
    # Looked at before the lock is taken: it would make all writers of a key wait for each other.
    if _is_attached(key_id):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # Two transactions that make the same partition: the second waits, and finds it there.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, key_id])
        if _is_attached(key_id):
            return
        name = partition_name(key_id)
        storage = "PLAIN" if dimensions <= MAX_PLAIN_DIMENSIONS else "EXTERNAL"
        cursor.execute(
            f"""
            CREATE TABLE {name} (
                LIKE {PARENT} INCLUDING ALL,
                CONSTRAINT key_is_of_partition CHECK (key_id = {int(key_id)}),
                CONSTRAINT value_has_the_size_of_its_key
                    CHECK (vector_dims(value) = {int(dimensions)})
            );
            ALTER TABLE {name} ALTER COLUMN value SET STORAGE {storage};
            -- A histogram of vectors helps no plan, and would hold 200 kB and more of them.
            ALTER TABLE {name} ALTER COLUMN value SET STATISTICS 0;
            ALTER TABLE {PARENT} ATTACH PARTITION {name} FOR VALUES IN ({int(key_id)});
            """
        )


def drop_partition(*, key_id: int) -> None:
    """Remove all vectors of a key for ever, with their sets and history.

    Runs outside of any transaction: the history goes in batches; detaching needs a lock on the
    whole table for an instant, so it gives up quickly, lets others pass, and tries again. Dropping
    the detached table costs the same whatever it holds.

    Raises:
        OperationalError: readers never left a gap within half a minute; nothing was detached.
    """
    _delete_history(key_id)
    VectorSet.objects.filter(key_id=key_id).delete()
    name = partition_name(key_id)
    for attempt in range(1, _DETACH_ATTEMPTS + 1):
        try:
            with transaction.atomic(durable=True), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{_DETACH_LOCK_TIMEOUT}'")
                if _is_attached(key_id):
                    cursor.execute(f"ALTER TABLE {PARENT} DETACH PARTITION {name}")
                cursor.execute(f"DROP TABLE IF EXISTS {name}")
            return
        except OperationalError as error:
            gave_up_waiting = isinstance(error.__cause__, errors.LockNotAvailable)
            if not gave_up_waiting or attempt == _DETACH_ATTEMPTS:
                raise
        time.sleep(_DETACH_PAUSE_SECONDS)


def abandoned_partitions() -> list[int]:
    """Ids of keys that no longer exist but whose partitions do."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT substring(c.relname FROM '[0-9]+$')::bigint FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass
            """,
            [PARENT],
        )
        there = {int(key_id) for (key_id,) in cursor.fetchall()}
    return sorted(
        there - set(MetadataKey.objects.filter(pk__in=there).values_list("pk", flat=True))
    )


def _is_attached(key_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_inherits WHERE inhparent = %s::regclass"
            " AND inhrelid = to_regclass(%s))",
            [PARENT, partition_name(key_id)],
        )
        (attached,) = cursor.fetchone()
    return bool(attached)


def _delete_history(key_id: int) -> None:
    """Delete the change rows of a key's sets, a batch per transaction."""
    sets = list(VectorSet.objects.filter(key_id=key_id).values_list("pk", flat=True))
    table = VectorChange._meta.db_table
    deleted = _CHANGES_PER_BATCH
    while deleted == _CHANGES_PER_BATCH:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE ctid = ANY (ARRAY("  # noqa: S608 - our own table
                f"SELECT ctid FROM {table} WHERE vector_set_id = ANY (%s) LIMIT %s))",
                [sets, _CHANGES_PER_BATCH],
            )
            deleted = cursor.rowcount
