"""Revisions of vector sets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import connection, transaction

SetName = tuple[UUID, int]
"""What a vector set belongs to: (root id, key id)."""

_listeners: list[Callable[[SetName], object]] = []


def on_change(listener: Callable[[SetName], object]) -> None:
    """Have a function called after each commit that changed a vector set."""
    if listener not in _listeners:
        _listeners.append(listener)


def announce_change(name: SetName) -> None:
    """Call all listeners now."""
    for listener in _listeners:
        listener(name)


@dataclass(frozen=True, slots=True)
class Revision:
    """A vector set at the revision that the present transaction writes."""

    set_id: int
    number: int


def raise_revisions(names: Iterable[SetName]) -> dict[SetName, Revision]:
    """Lock vector sets and raise each one's revision by one; sets that are not there are made.

    The lock lasts until the transaction ends, so that revisions become visible in order: who has
    read revision r will not find a smaller one later. Sets are locked in the order of key, then
    root, which a writer of several keys keeps across calls by taking the keys in order. Locks on
    units come before locks on sets.
    """
    wanted = sorted(set(names), key=lambda name: (name[1], name[0]))
    for name in wanted:
        # The change itself must not fail for what follows from it.
        transaction.on_commit(partial(announce_change, name), robust=True)
    with connection.cursor() as cursor:
        # INSERT takes the rows in the order in which they are given.
        cursor.execute(
            """
            INSERT INTO embeddings_vectorset AS present (root_id, key_id, revision)
            SELECT root_id, key_id, 1 FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY
                AS wanted (root_id, key_id, place) ORDER BY place
            ON CONFLICT (root_id, key_id) DO UPDATE SET revision = present.revision + 1
            RETURNING root_id, key_id, id, revision
            """,
            [[root_id for root_id, _ in wanted], [key_id for _, key_id in wanted]],
        )
        return {
            (root_id, key_id): Revision(set_id, number)
            for root_id, key_id, set_id, number in cursor.fetchall()
        }
