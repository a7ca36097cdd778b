"""Units of a video's frames: the sampled ones, and the key frames that the user names."""

from collections.abc import Iterable
from typing import IO

from core.errors import FieldError
from folders.choices import UnitKind
from folders.constants import BATCH_SIZE, MAX_FRAMES, MAX_IMAGE_PIXELS
from folders.media.errors import UnreadableMedia
from folders.media.video import VideoProbe, probe_video
from folders.metadata.frames import FrameKeys, stored_config
from folders.models import Item, Unit
from folders.querysets import UnitQuerySet
from folders.storage import open_original

MEASURES = ("width", "height", "fps", "duration", "frame_count")


def measure_video(item: Item, file: IO[bytes]) -> VideoProbe:
    """Probe a video and set the item's measures, without saving them.

    Raises:
        UnreadableMedia: it is none, or damaged.
    """
    probe = probe_video(file, max_pixels=MAX_IMAGE_PIXELS)
    for name in MEASURES:
        setattr(item, name, getattr(probe, name))
    return probe


def sampled_numbers(rate: float, probe: VideoProbe) -> list[int]:
    """Numbers of the frames nearest to every 1/rate-th second; at rate 0 the first frame only.

    Raises:
        UnreadableMedia: there would be too many.
    """
    if rate == 0:
        return [0]
    # A rate may be as large as a float: beyond every frame there is nothing to count.
    steps = int(min(probe.timestamps[-1] * rate, probe.frame_count)) + 1
    if min(steps, probe.frame_count) > MAX_FRAMES:
        raise UnreadableMedia(
            f"At {rate:g} frames per second the video would have more than {MAX_FRAMES:,} units."
        )
    if steps >= probe.frame_count:
        return list(range(probe.frame_count))
    return sorted({probe.nearest_frame(step / rate) for step in range(steps)})


def sample_frames(*, item: Item, probe: VideoProbe) -> None:
    """Make the units of the sampled frames that are missing; call it under share_tree."""
    config = stored_config(item.client_metadata)
    add_frames(
        item=item, probe=probe, numbers=sampled_numbers(config.sampling_rate, probe), key=False
    )


def add_frames(
    *, item: Item, probe: VideoProbe, numbers: Iterable[int], key: bool
) -> dict[int, Unit]:
    """Make units of the frames that have none; as key frames, mark all of them as such.

    Returns:
        The unit of each number.
    """
    wanted = sorted(set(numbers))
    whole = Unit.objects.get(item=item, frame=None)
    Unit.objects.bulk_create(
        [_frame_unit(whole, number, probe, key=key) for number in wanted],
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


def resolve_frames(
    keys: FrameKeys, probe: VideoProbe, path: str, errors: list[FieldError]
) -> dict[str, int]:
    """Which frame each key of `frames` means; append what is wrong to `errors`.

    Times mean the nearest frame, of two the earlier. A number beyond the end, or two keys that
    mean one frame, are errors; so is a number of the list `keyframes` beyond the end.
    """
    found: dict[str, int] = {}
    taken: dict[int, str] = {}
    for key, number in keys.numbers.items():
        place = f"{path}.$encord.frames.{key}"
        frame = _frame_of(number, keys, probe)
        if frame is None:
            errors.append(_beyond(place, key, probe))
        elif frame in taken:
            message = f"“{key}” and “{taken[frame]}” both mean frame {frame}."
            errors.append(FieldError(place, message, "repeated", found=key))
        else:
            found[key] = frame
            taken[frame] = key
    errors.extend(
        _beyond(f"{path}.keyframes", str(number), probe)
        for number in keys.listed
        if number >= probe.frame_count
    )
    return found


def probe_item(item: Item) -> VideoProbe:
    """Probe the stored original of a video.

    Raises:
        UnreadableMedia: it cannot be read, or is missing.
    """
    try:
        with open_original(item) as file:
            return measure_video(item, file)
    except FileNotFoundError as error:
        raise UnreadableMedia("The original file is missing from the storage.") from error


def _frame_of(number: float, keys: FrameKeys, probe: VideoProbe) -> int | None:
    if keys.mode == "frame":
        return int(number) if number < probe.frame_count else None
    return probe.nearest_frame(number) if number <= probe.duration else None


def _beyond(path: str, key: str, probe: VideoProbe) -> FieldError:
    expected = f"0 to {probe.frame_count - 1}, or 0 to {probe.duration:g} s"
    return FieldError(path, f"The video ends before {key}.", "beyond_the_end", expected, key)


def _frame_unit(whole: Unit, number: int, probe: VideoProbe, *, key: bool) -> Unit:
    return Unit(
        item_id=whole.item_id,
        frame=number,
        timestamp=probe.timestamps[number],
        kind=UnitKind.FRAME,
        folder_id=whole.folder_id,
        root_id=whole.root_id,
        is_key_frame=key,
    )
