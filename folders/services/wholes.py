"""Image groups and sequences as wholes of their parts: rows for new ones, measures when they are
read. A group's part has a unit of its own; a sequence's part is frame `position` of the sequence.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F

from accounts.actor import Actor
from folders.choices import ItemKind, ItemState, UnitKind
from folders.kinds import get_kind
from folders.media.frame_times import SEQUENCE_FPS, sequence_times
from folders.metadata.frames import stored_config
from folders.metadata.parse import filterable
from folders.models import Folder, Item, Unit
from folders.services.frames import sampled_numbers


@dataclass(frozen=True, slots=True)
class WholeRows:
    """Unsaved rows of one group or sequence; save `whole`, then `parts`, then `units`."""

    whole: Item
    parts: list[Item]
    units: list[Unit]


def new_whole(
    *,
    actor: Actor,
    folder: Folder,
    kind: ItemKind,
    name: str,
    parts: Sequence[Item],
    client_metadata: dict[str, Any] | None = None,
    item_id: UUID | None = None,
) -> WholeRows:
    """Rows of a new group or sequence and its parts, in their order; nothing is saved or checked.

    The whole waits while a part does; parts with given measures make a whole with measures. All
    units come with it: the whole's, those of a group's parts, those of a sequence's frames as its
    configuration samples them (key frames of `keyframes` included).

    Args:
        actor: becomes the maker.
        folder: where all of them go.
        kind: image group or image sequence.
        name: cleaned.
        parts: unsaved images, at least one; their parent and position are set here.
        client_metadata: the whole's, as it is stored.
        item_id: the whole's id, where it is derived from something.

    Raises:
        UnreadableMedia: a sequence would have too many units of frames.
    """
    whole = Item(
        id=item_id or uuid4(),
        organisation_id=folder.organisation_id,
        folder=folder,
        kind=kind,
        name=name,
        client_metadata=client_metadata or {},
        created_by=actor.user,
    )
    for position, part in enumerate(parts):
        part.parent, part.position, part.folder = whole, position, folder
    _measure_by_rows(whole, parts)
    return WholeRows(whole, list(parts), _units(whole, parts, folder))


def whole_unit(whole: Item, folder: Folder) -> Unit:
    """The unsaved unit of an item as a whole."""
    return Unit(
        item=whole,
        kind=UnitKind(whole.kind),
        folder=folder,
        root_id=folder.root_id,
        metadata=filterable(whole.client_metadata),
    )


def settle_wholes(whole_ids: Collection[UUID]) -> None:
    """Bring groups and sequences up to date with their parts, those at least that wait for none.

    A whole is ready when one of its parts is, with a note when others have failed; it has failed
    when all have. Call it in the transaction that changed the parts, with the wholes locked.
    """
    waiting = Item.objects.filter(parent__in=whole_ids, state=ItemState.PROCESSING)
    still = set(waiting.values_list("parent", flat=True).distinct())
    for whole in Item.objects.filter(pk__in=set(whole_ids) - still).defer("client_metadata"):
        _settle(whole)


def measures_of_sequence(count: int) -> dict[str, Any]:
    """Measures of a sequence of so many images."""
    return {"frame_count": count, "fps": SEQUENCE_FPS, "duration": count / SEQUENCE_FPS}


def _settle(whole: Item) -> None:
    parts = whole.parts.order_by("position")
    count = parts.count()
    failed = parts.filter(state=ItemState.FAILED)
    first = parts.filter(state=ItemState.READY).only("width", "height").first()
    whole.failure = _note(count, failed.count(), failed.only("failure", "position").first())
    whole.state = ItemState.READY if first else ItemState.FAILED
    if first:
        whole.width, whole.height = first.width, first.height
    _count_frames(whole, count)
    Item.objects.filter(pk=whole.pk).update(
        state=whole.state,
        failure=whole.failure,
        width=whole.width,
        height=whole.height,
        frame_count=whole.frame_count,
        fps=whole.fps,
        duration=whole.duration,
        attempts=0,
        # The mosaic shows other parts now.
        thumbnail_version=F("thumbnail_version") + 1,
    )


def _note(count: int, failed: int, first: Item | None) -> str:
    """What is wrong with the parts; empty when nothing is."""
    if not count:
        return "It holds no images."
    if first is None:
        return ""
    what = f"{failed:,} of {count:,} images" if failed < count else "None of the images"
    verb = "cannot" if failed < count else "can"
    return f"{what} {verb} be read. Image {(first.position or 0) + 1:,}: {first.failure}"


def _measure_by_rows(whole: Item, parts: Sequence[Item]) -> None:
    """State and measures of a whole that is made together with its parts."""
    states = {part.state for part in parts}
    whole.state = ItemState.READY if states == {ItemState.READY} else ItemState.PROCESSING
    whole.width, whole.height = parts[0].width, parts[0].height
    whole.measures_given = all(part.measures_given for part in parts)
    _count_frames(whole, len(parts))


def _count_frames(whole: Item, count: int) -> None:
    if get_kind(whole.kind).has_frames:
        for name, value in measures_of_sequence(count).items():
            setattr(whole, name, value)


def sampled_frames(whole: Item, count: int) -> list[int]:
    """Which images of a sequence are units: all, unless its configuration says otherwise.

    Raises:
        UnreadableMedia: there would be too many.
    """
    config = stored_config(whole.client_metadata)
    return list(sampled_numbers(config.sampling_rate, sequence_times(count)))


def _units(whole: Item, parts: Sequence[Item], folder: Folder) -> list[Unit]:
    own = whole_unit(whole, folder)
    if not get_kind(whole.kind).parts_are_frames:
        return [own, *(whole_unit(part, folder) for part in parts)]
    listed = whole.client_metadata.get("keyframes") or []
    keys = {number for number in listed if number < len(parts)}
    numbers = sorted({*sampled_frames(whole, len(parts)), *keys})
    return [own, *(_frame_unit(own, number, is_key=number in keys) for number in numbers)]


def _frame_unit(own: Unit, number: int, *, is_key: bool) -> Unit:
    return Unit(
        item=own.item,
        frame=number,
        timestamp=number / SEQUENCE_FPS,
        kind=UnitKind.FRAME,
        folder=own.folder,
        root_id=own.root_id,
        is_key_frame=is_key,
    )
