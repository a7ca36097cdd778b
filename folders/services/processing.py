"""Reading the media of new items: measures, thumbnails, units of frames.

One job reads all items of a folder that wait, however many uploads brought them. An upload joins a
job only while that job still waits itself: it holds the job's row (FOR SHARE) to the end of its
transaction, so that no worker can begin the job before the new item is to be seen. A job that has
begun gives up its idempotency key first, so that later uploads make a new one. Two jobs of one
folder share the work item by item.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F, QuerySet
from PIL import Image

from accounts.actor import Actor
from core.jobs import JobRun
from core.models import Job, JobState
from core.services.jobs import enqueue_job
from folders.choices import ItemKind, ItemState
from folders.constants import (
    BATCH_SIZE,
    MAX_FAILURE_LENGTH,
    MAX_IMAGE_PIXELS,
    MAX_PIXELS_ON_DEMAND,
    MAX_READ_ATTEMPTS,
    THUMBNAIL_SIZES,
)
from folders.media.errors import UnreadableMedia
from folders.media.image import read_image, thumbnails
from folders.media.video import VideoProbe, read_frame
from folders.models import Folder, Item
from folders.services.frames import MEASURES, keep_times, measure_video, sample_frames
from folders.services.locks import share_tree
from folders.storage import open_original, remove_item_files, thumbnail_key, write_derived

logger = logging.getLogger(__name__)

JOB_KIND = "folders.process_items"
# The surroundings failed, not the file: the job is begun again.
_PASSING = (DatabaseError, InterfaceError, ConnectionError, TimeoutError)


def request_processing(*, actor: Actor, folder: Folder) -> Job:
    """Have a worker read what waits in the folder; call it last in the transaction of the write."""
    for _ in range(10):
        job = enqueue_job(
            organisation_id=folder.organisation_id,
            user_id=actor.user.pk,
            kind=JOB_KIND,
            title=f"Reading media in {folder.name}",
            payload={"folder": str(folder.pk)},
            folder_id=folder.pk,
            idempotency_key=str(folder.pk),
        )
        if _join(job):
            return job
    raise RuntimeError("No job could be joined or made: the kind's key is in use elsewhere.")


def is_stranded(item: Item) -> bool:
    """Whether the item waits to be read and no job of its folder is going to do it."""
    if item.state != ItemState.PROCESSING:
        return False
    jobs = Job.objects.active().filter(kind=JOB_KIND, folder_id=item.folder_id)
    return not jobs.exists()


def process_folder(run: JobRun) -> dict[str, int]:
    """Read all items of the job's folder that wait; return how many became ready and failed."""
    Job.objects.filter(pk=run.row.pk).update(idempotency_key="")
    waiting = Item.objects.filter(folder=run.payload["folder"], state=ItemState.PROCESSING)
    done = {"ready": 0, "failed": 0}
    # Items that another worker is reading; they are left to it.
    taken: set[UUID] = set()
    while batch := _next_items(waiting, taken):
        total = sum(done.values()) + waiting.count()
        for item_id in batch:
            run.progress(done=sum(done.values()), total=total, step="Reading media")
            state = process_item(item_id=item_id)
            if state is None:
                taken.add(item_id)
            else:
                done[state] += 1
    run.progress(done=sum(done.values()), total=sum(done.values()))
    return done


def process_item(*, item_id: UUID) -> ItemState | None:
    """Read one item's media; None when it does not wait, is gone, or another worker has it."""
    with _claimed(item_id) as claimed:
        waiting = Item.objects.filter(pk=item_id, state=ItemState.PROCESSING)
        # Counted before the file is opened: one that brings the worker down is given up in time.
        if not claimed or not waiting.update(attempts=F("attempts") + 1):
            return None
        item = waiting.first()
        return _process(item) if item else None


def _process(item: Item) -> ItemState:
    try:
        if item.attempts > MAX_READ_ATTEMPTS:
            raise UnreadableMedia("Reading the file stopped the worker, several times.")
        _finish(item, _read(item))
    except UnreadableMedia as error:
        return _fail(item, str(error))
    except FileNotFoundError:
        return _fail(item, "The original file is missing from the storage.")
    except _PASSING:
        raise
    except Exception:
        logger.exception("Item %s cannot be read.", item.pk)
        return _fail(item, "The file could not be read; the reason stands in the server's log.")
    return ItemState.READY


def _read(item: Item) -> VideoProbe | None:
    """Measure the item and make its thumbnails; return what is known of its frames, if any."""
    if not item.size:
        raise UnreadableMedia("The file is empty.")
    with open_original(item) as file:
        if item.kind == ItemKind.VIDEO:
            probe = measure_video(item, file)
            keep_times(item, probe)
            image = read_frame(file, probe.timestamps[0], max_pixels=MAX_IMAGE_PIXELS)
            sizes = THUMBNAIL_SIZES
        else:
            probe = None
            image, sizes = _read_image(item, file)
    item.thumbnail_version += 1
    for size, content in thumbnails(image, sizes).items():
        write_derived(thumbnail_key(item, size), content)
    return probe


def _read_image(item: Item, file: IO[bytes]) -> tuple[Image.Image, dict[str, int]]:
    """The decoded image, and the thumbnails that are to be made now."""
    sizes = {"small": THUMBNAIL_SIZES["small"]}
    picture = read_image(file, max_side=sizes["small"], max_pixels=MAX_IMAGE_PIXELS)
    if picture.width * picture.height > MAX_PIXELS_ON_DEMAND:
        sizes = THUMBNAIL_SIZES
        file.seek(0)
        side = max(sizes.values())
        picture = read_image(file, max_side=side, max_pixels=MAX_IMAGE_PIXELS)
    item.width, item.height = picture.width, picture.height
    item.mime_type = picture.mime or item.mime_type
    return picture.image, sizes


@transaction.atomic
def _finish(item: Item, probe: VideoProbe | None) -> None:
    """Write what was measured and the units of frames, unless the item was deleted meanwhile."""
    share_tree(item.organisation_id)
    columns = {name: getattr(item, name) for name in (*MEASURES, "mime_type", "thumbnail_version")}
    waiting = Item.objects.filter(pk=item.pk, state=ItemState.PROCESSING)
    if not waiting.update(**columns, state=ItemState.READY, failure="", attempts=0):
        if not Item.objects.filter(pk=item.pk).exists():
            # Its files went with it; the thumbnails came after them.
            remove_item_files(item.pk)
    elif probe:
        sample_frames(item=item, probe=probe)


def _fail(item: Item, reason: str) -> ItemState:
    Item.objects.filter(pk=item.pk, state=ItemState.PROCESSING).update(
        state=ItemState.FAILED, failure=reason[:MAX_FAILURE_LENGTH], attempts=0
    )
    return ItemState.FAILED


def _next_items(waiting: QuerySet[Item], taken: set[UUID]) -> list[UUID]:
    ordered = waiting.exclude(pk__in=taken).order_by("created_at", "pk")
    return list(ordered.values_list("pk", flat=True)[:BATCH_SIZE])


def _join(job: Job) -> bool:
    """Hold the job's row until the transaction ends; False when a worker has begun it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM core_job WHERE id = %s AND state = %s AND idempotency_key <> ''"
            " FOR SHARE",
            [job.pk, JobState.QUEUED],
        )
        if cursor.fetchone():
            return True
    # Begun, but its key is not given up yet: take it away, so that a new job can be made.
    Job.objects.filter(pk=job.pk).update(idempotency_key="")
    return False


@contextmanager
def _claimed(item_id: UUID) -> Iterator[bool]:
    """Hold the item for this worker; the database lets go of it when the worker dies."""
    name = [f"folders.item:{item_id}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name)
        row = cursor.fetchone()
    claimed = bool(row and row[0])
    try:
        yield claimed
    finally:
        if claimed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)
