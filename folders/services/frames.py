"""Units of frames: the sampled ones, and the key frames that the user names.

Sampled units come and go with the configuration. A unit stays, whatever the configuration, when it
is a key frame, has metadata or a vector, or is a member of a collection.

Whoever makes units of an item's frames, takes them away, or gives them vectors by their numbers
holds the item's row (hold_items): so two who do it for one item do it one after the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from folders import hooks
from folders.choices import UnitKind
from folders.constants import BATCH_SIZE, MAX_FRAMES
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import FrameTimes
from folders.metadata.frames import resolve_frames, stored_config
from folders.models import Item, Unit
from folders.querysets import UnitQuerySet
from folders.services.frame_times import MEASURES, keep_times, measure_video, probe_item

__all__ = [
    "MEASURES",
    "Sampling",
    "add_frames",
    "frame_unit",
    "hold_items",
    "keep_times",
    "mark_key_frames",
    "measure_video",
    "probe_item",
    "resolve_frames",
    "sample_frames",
    "sampled_numbers",
]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many units of frames a change of the configuration made and took away."""

    added: int
    removed: int


def sampled_numbers(rate: float, times: FrameTimes) -> list[int]:
    """Numbers of the frames that are units at a sampling rate; see FrameTimes.sampled.

    Raises:
        UnreadableMedia: there would be too many.
    """
    numbers = times.sampled(rate)
    if len(numbers) > MAX_FRAMES:
        raise UnreadableMedia(
            f"At {rate:g} frames per second there would be more than {MAX_FRAMES:,} units."
        )
    return numbers


def hold_items(item_ids: Iterable[UUID]) -> list[UUID]:
    """Lock items, in the order of their ids; returns those that are still there."""
    rows = Item.objects.filter(pk__in=set(item_ids)).order_by("pk")
    return list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def sample_frames(*, item: Item, probe: FrameTimes) -> Sampling:
    """Make the units of the sampled frames that are missing, and take away those of frames that
    the stored configuration does not ask for; call it under share_tree.

    Raises:
        UnreadableMedia: there would be too many.
    """
    hold_items([item.pk])
    # It may have been changed while the file was read.
    item.refresh_from_db(fields=["client_metadata"])
    config = stored_config(item.client_metadata)
    wanted = set(sampled_numbers(config.sampling_rate, probe))
    frames = Unit.objects.filter(item=item, frame__isnull=False)
    present = dict(frames.values_list("frame", "pk"))
    missing = wanted - present.keys()
    add_frames(item=item, probe=probe, numbers=missing, key=False)
    unwanted = [pk for number, pk in present.items() if number not in wanted]
    return Sampling(added=len(missing), removed=_take_away(sorted(unwanted)))


def add_frames(
    *, item: Item, probe: FrameTimes, numbers: Iterable[int], key: bool
) -> dict[int, Unit]:
    """Make units of the frames that have none; as key frames, mark all of them as such.

    Returns:
        The unit of each number.
    """
    hold_items([item.pk])
    wanted = sorted(set(numbers))
    whole = Unit.objects.get(item=item, frame=None)
    Unit.objects.bulk_create(
        [frame_unit(whole, number, probe, key=key) for number in wanted],
        batch_size=BATCH_SIZE,
        ignore_conflicts=True,
    )
    units = Unit.objects.filter(item=item, frame__in=wanted)
    if key:
        mark_key_frames(units)
    return {unit.frame: unit for unit in units if unit.frame is not None}


def mark_key_frames(units: UnitQuerySet) -> None:
    """Make key frames of those of the units that are frames."""
    rows = units.filter(frame__isnull=False, is_key_frame=False).order_by("pk")
    # In the order of ids, so that two batches that overlap wait for each other and go on.
    locked = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    if locked:
        Unit.objects.filter(pk__in=locked).update(is_key_frame=True)


def _take_away(unit_ids: list[int]) -> int:
    """Delete units of frames that nothing holds; returns how many."""
    removed = 0
    for start in range(0, len(unit_ids), BATCH_SIZE):
        batch = Unit.objects.filter(pk__in=unit_ids[start : start + BATCH_SIZE])
        # Waits for whoever gives one of them a vector (FOR SHARE) or makes it a member of a
        # collection (FOR KEY SHARE); what they wrote is seen by the question that follows.
        rows = batch.filter(is_key_frame=False, metadata={}).order_by("pk").select_for_update()
        roots = dict(rows.values_list("pk", "root"))
        for kept in hooks.units_in_use(list(roots)):
            roots.pop(kept, None)
        for root in set(roots.values()):
            gone = [pk for pk, at in roots.items() if at == root]
            hooks.before_units_removed(gone, root)
            Unit.objects.filter(pk__in=gone).delete()
        removed += len(roots)
    return removed


def frame_unit(whole: Unit, number: int, probe: FrameTimes, *, key: bool) -> Unit:
    """The unsaved unit of a frame; `whole` is the unit of the item as a whole."""
    return Unit(
        item_id=whole.item_id,
        frame=number,
        timestamp=probe.timestamps[number],
        kind=UnitKind.FRAME,
        folder_id=whole.folder_id,
        root_id=whole.root_id,
        is_key_frame=key,
    )
