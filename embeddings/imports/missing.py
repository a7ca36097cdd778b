"""Frames that a file names and that have no unit yet: they become key frames."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from core.errors import FieldError
from embeddings.services.row_targets import Targets
from folders.constants import BATCH_SIZE
from folders.imports.run import ImportRun
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import FrameTimes
from folders.models import Item
from folders.services.frames import add_frames, probe_item

Times = dict[UUID, FrameTimes]


def frame_errors(run: ImportRun, targets: Targets) -> Iterator[FieldError]:
    """Errors of rows that name frames which their item cannot have; may read whole videos."""
    for item in _items(run, targets):
        frames = targets.missing[item.pk]
        try:
            count = probe_item(item).frame_count
        except UnreadableMedia as error:
            for row in sorted(frames):
                yield FieldError(f"rows.{row}.frame", str(error), "no_frames", found=item.name[:80])
            continue
        for row, frame in sorted(frames.items()):
            if frame >= count:
                message = f"“{item.name}” has no frame {frame}."
                yield FieldError(
                    f"rows.{row}.frame",
                    message,
                    "unknown_frame",
                    f"0 to {count - 1}",
                    str(frame),
                )


def times_of_missing(run: ImportRun, targets: Targets) -> Times:
    """The times of the frames of all items concerned; call it outside of transactions."""
    times = {}
    for item in _items(run, targets):
        try:
            times[item.pk] = probe_item(item)
        except UnreadableMedia:
            continue
    return times


def add_missing(targets: Targets, times: Mapping[UUID, FrameTimes]) -> int:
    """Make units of the frames and note them in `targets`; returns how many were made.

    Call it under share_tree. Frames beyond the end, or of items without `times`, are left out.
    """
    made = 0
    # In the order of ids, so that two imports that overlap wait for each other and go on.
    for item_id in sorted(targets.missing):
        known = times.get(item_id)
        item = Item.objects.filter(pk=item_id).first()
        if known is None or item is None:
            continue
        rows = {row: n for row, n in targets.missing[item_id].items() if n < known.frame_count}
        units = add_frames(item=item, probe=known, numbers=rows.values(), key=True)
        made += len(units)
        for row, frame in rows.items():
            targets.unit_ids[row] = units[frame].pk
    return made


def _items(run: ImportRun, targets: Targets) -> Iterator[Item]:
    """The items of missing frames, some at a time; the run is kept alive meanwhile."""
    ids = sorted(targets.missing)
    for start in range(0, len(ids), BATCH_SIZE):
        for item in Item.objects.filter(pk__in=ids[start : start + BATCH_SIZE]).order_by("pk"):
            run.job.progress(step="Reading videos")
            yield item
