"""What came of reading items, written for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from folders.choices import ItemState
from folders.constants import MAX_FAILURE_LENGTH
from folders.kinds import kind_of
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import FrameTimes
from folders.models import Item
from folders.services.frames import sample_frames
from folders.services.locks import share_tree
from folders.services.wholes import settle_wholes
from folders.storage import remove_item_files

_WRITE = """
UPDATE folders_item AS item
SET state = found.state, failure = found.failure, mime_type = found.mime_type, size = found.size,
    width = found.width, height = found.height, fps = found.fps, duration = found.duration,
    frame_count = found.frame_count, thumbnail_version = found.thumbnail_version, attempts = 0,
    updated_at = now()
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::integer[],
            %s::integer[], %s::float8[], %s::float8[], %s::integer[], %s::integer[])
    AS found (id, state, failure, mime_type, size, width, height, fps, duration, frame_count,
              thumbnail_version)
WHERE item.id = found.id
"""
_COLUMNS = (
    *("id", "state", "failure", "mime_type", "size", "width", "height"),
    *("fps", "duration", "frame_count", "thumbnail_version"),
)
# In the job's row, so that the sum is right whoever read the items, and whoever died.
_COUNT = """
UPDATE core_job SET checkpoint = checkpoint || jsonb_build_object(
    'ready', coalesce((checkpoint ->> 'ready')::bigint, 0) + %s,
    'failed', coalesce((checkpoint ->> 'failed')::bigint, 0) + %s)
WHERE id = %s
"""


@dataclass(slots=True)
class Outcome:
    """An item with its measures set but not saved; why it failed, or when its frames are shown."""

    item: Item
    failure: str = ""
    times: FrameTimes | None = None


def write_outcomes(outcomes: Sequence[Outcome], *, job_id: UUID | None = None) -> dict[str, int]:
    """Make items ready or failed, make units of frames, and bring wholes up to date.

    Items that were deleted or are no longer waiting are passed over.

    Args:
        outcomes: of one organisation.
        job_id: the job in whose checkpoint they are counted.

    Returns:
        How many became `ready` and `failed`.
    """
    if not outcomes:
        return {"ready": 0, "failed": 0}
    with transaction.atomic():
        share_tree(outcomes[0].item.organisation_id)
        waiting = _still_waiting(outcomes)
        for outcome in waiting:
            _sample(outcome)
        files = [outcome for outcome in waiting if kind_of(outcome.item).has_file]
        _write(files)
        settle_wholes(_wholes(waiting))
        counts = _counts(waiting)
        if job_id is not None:
            with connection.cursor() as cursor:
                cursor.execute(_COUNT, [counts["ready"], counts["failed"], job_id])
    return counts


def _still_waiting(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Lock the items and their wholes; drop the files of those that are gone."""
    read = {outcome.item.pk for outcome in outcomes}
    # In the order of ids, as deletion and imports lock them; wholes too, so that of two workers
    # that end with the last parts of one, the later sees what the earlier wrote.
    rows = Item.objects.filter(pk__in=read | _wholes(outcomes)).order_by("pk").select_for_update()
    states = dict(rows.values_list("pk", "state"))
    for item_id in read - states.keys():
        # Its files went with it; the thumbnails came after them.
        remove_item_files(item_id)
    return [outcome for outcome in outcomes if states.get(outcome.item.pk) == ItemState.PROCESSING]


def _wholes(outcomes: Sequence[Outcome]) -> set[UUID]:
    """Groups and sequences among the items, and those that items are parts of."""
    parents = {outcome.item.parent_id for outcome in outcomes if outcome.item.parent_id}
    return parents | {o.item.pk for o in outcomes if kind_of(o.item).has_parts}


def _sample(outcome: Outcome) -> None:
    if outcome.times is None or outcome.failure:
        return
    try:
        sample_frames(item=outcome.item, probe=outcome.times)
    except UnreadableMedia as error:
        outcome.failure = str(error)


def _write(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        outcome.item.state = ItemState.FAILED if outcome.failure else ItemState.READY
        outcome.item.failure = outcome.failure[:MAX_FAILURE_LENGTH]
    columns = [[getattr(outcome.item, name) for outcome in outcomes] for name in _COLUMNS]
    if outcomes:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, columns)


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many items became what; wholes are looked up, since their parts decided."""
    wholes = [o.item.pk for o in outcomes if not kind_of(o.item).has_file]
    states = [o.item.state for o in outcomes if kind_of(o.item).has_file]
    if wholes:
        states += Item.objects.filter(pk__in=wholes).values_list("state", flat=True)
    return {state: states.count(state) for state in (ItemState.READY, ItemState.FAILED)}
