"""Which worker reads which items: none is read by two at once, and none is lost with a worker.

A claim is an advisory lock of the database, which lets go of it when the worker dies. Items are
claimed by the hundred. Should the worker die, nobody knows which of them it was: so what has been
claimed before is claimed alone from then on, and a file that brings workers down is found out.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet

from folders.choices import ItemState
from folders.kinds import all_kinds, kind_of
from folders.models import Item

# So many small images are read in a few seconds, between two transactions.
BATCH_WEIGHT: Final = 200
# A file counts as one for each of these bytes, a video as many.
_BYTES: Final = 4 * 1024 * 1024
_VIDEO_WEIGHT: Final = 50


def waiting_items(folder_id: UUID) -> QuerySet[Item]:
    """Items of the folder that wait to be read; wholes wait for their parts first."""
    parts = Item.objects.filter(parent=OuterRef("pk"), state=ItemState.PROCESSING)
    wholes = [kind.name for kind in all_kinds() if kind.has_parts]
    waiting = Item.objects.filter(folder=folder_id, state=ItemState.PROCESSING)
    return waiting.exclude(Exists(parts), kind__in=wholes)


@contextmanager
def claimed_items(waiting: QuerySet[Item], passed: set[UUID]) -> Iterator[list[Item]]:
    """Hold the next items that wait and that nobody else holds, for the length of the block.

    Args:
        waiting: from among these.
        passed: held by others a moment ago; is added to. The list is empty when none is left.
    """
    while candidates := _candidates(waiting, passed):
        with claimed(candidates) as items:
            if items:
                yield items
                return
        passed.update(candidates)
    yield []


@contextmanager
def claimed(item_ids: Collection[UUID]) -> Iterator[list[Item]]:
    """Hold those of the items that wait and that nobody else holds, for the length of the block.

    That they were opened is counted before they are.
    """
    held = _lock(item_ids)
    try:
        still = Item.objects.filter(pk__in=held, state=ItemState.PROCESSING)
        if held and still.update(attempts=F("attempts") + 1):
            found = still.select_related("integration").defer("client_metadata")
            yield list(found.order_by("created_at", "pk"))
        else:
            yield []
    finally:
        _unlock(held)


def give_back(items: Collection[Item]) -> None:
    """Forget that items were claimed, which were not opened."""
    ids = [item.pk for item in items]
    Item.objects.filter(pk__in=ids, attempts__gt=0).update(attempts=F("attempts") - 1)


def _candidates(waiting: QuerySet[Item], passed: set[UUID]) -> list[UUID]:
    """The next items up to the weight of a batch, or one alone that was claimed before."""
    rows = waiting.exclude(pk__in=passed).only("pk", "kind", "size", "attempts")
    chosen: list[UUID] = []
    weight = 0
    for item in rows.order_by("created_at", "pk")[:BATCH_WEIGHT]:
        if chosen and item.attempts:
            break
        chosen.append(item.pk)
        weight += _weight(item)
        if item.attempts or weight >= BATCH_WEIGHT:
            break
    return chosen


def _weight(item: Item) -> int:
    kind = kind_of(item)
    frames = _VIDEO_WEIGHT if kind.has_frames and kind.has_file else 1
    return frames + (item.size or 0) // _BYTES


_LOCK = """
SELECT id FROM unnest(%s::uuid[]) AS id
WHERE pg_try_advisory_lock(hashtextextended('folders.item:' || id, 0))
"""
_UNLOCK = """
SELECT count(pg_advisory_unlock(hashtextextended('folders.item:' || id, 0)))
FROM unnest(%s::uuid[]) AS id
"""


def _lock(item_ids: Collection[UUID]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(item_ids)])
        return [row[0] for row in cursor.fetchall()]


def _unlock(item_ids: Collection[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_UNLOCK, [list(item_ids)])
