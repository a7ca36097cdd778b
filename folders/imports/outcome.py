"""What became of a registration as a whole: rows written, and the media of its items read."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core.models import Job
from folders.choices import ImportState, ItemState
from folders.imports.errors import stored_errors
from folders.imports.items import ImportedItem
from folders.models import Import, Item
from folders.services.object_uploads import object_address
from folders.services.processing import JOB_KIND as MEDIA_JOB_KIND

# More addresses help nobody to find a group.
_SHOWN_URLS = 5


def has_settled(row: Import) -> bool:
    """Whether nothing more is going to happen: the import has ended or stalled, and no worker
    is going to read what it has brought in.
    """
    if row.state != ImportState.DONE:
        return row.has_ended or row.is_stalled
    return not is_reading(row)


def is_reading(row: Import) -> bool:
    """Whether a worker still reads, or is about to read, media that came with the import."""
    if not waiting_items(row).exists():
        return False
    # Without a job they stay as they are until somebody tries again.
    jobs = Job.objects.active().filter(kind=MEDIA_JOB_KIND, folder_id=row.folder_id)
    return jobs.exists()


def waiting_items(row: Import) -> QuerySet[Item]:
    """Items of the import's folder that came while it ran and wait to be read.

    By time: their ids may be half a million, and what another import brings at the same time is
    read by the same job.
    """
    waiting = Item.objects.filter(folder=row.folder_id, state=ItemState.PROCESSING)
    ended = row.job.ended_at if row.job else None
    until = Q(created_at__lte=ended) if ended else Q()
    return waiting.filter(until, created_at__gte=row.created_at)


def refused_entries(row: Import) -> Iterator[dict[str, Any]]:
    """Entries that the import found wrong, and what is wrong: {"object_urls", "message"}."""
    last: dict[str, Any] | None = None
    entry: int | None = None
    for error in stored_errors(row.errors_key):
        message = f"{error['path']}: {error['message']}" if error.get("path") else error["message"]
        if last is not None and entry is not None and entry == error.get("entry"):
            last["message"] += f" {message}"
            continue
        if last is not None:
            yield last
        last = {"object_urls": error.get("object_urls", []), "message": message}
        entry = error.get("entry")
    if last is not None:
        yield last


def what_is_unread(item: ImportedItem) -> str:
    """Why the media of an item could not be read, wholly or in part; empty when they could."""
    if item.state == ItemState.PROCESSING:
        return "Nobody has read it yet."
    return item.failure


def addresses_of(item_id: UUID) -> list[str]:
    """Under which addresses an item was registered, of a group the first ones."""
    own = Item.objects.filter(pk=item_id)
    parts = Item.objects.filter(parent=item_id).order_by("position")[:_SHOWN_URLS]
    return [
        one.object_url or object_address(one.pk)
        for one in (*own, *parts)
        if one.object_url or one.storage_key
    ]
