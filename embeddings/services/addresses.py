"""How imports name the units that vectors are for: by item id or name, and frame number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.actor import Actor
from core.errors import FieldError
from folders.choices import FolderRole
from folders.kinds import get_kind
from folders.media.errors import UnreadableMedia
from folders.media.frame_times import FrameTimes
from folders.models import Folder, Item, Unit
from folders.querysets import ItemQuerySet
from folders.services.frames import add_frames, hold_items, mark_key_frames, probe_item


@dataclass(frozen=True, slots=True)
class UnitAddress:
    """A whole item, or one frame of it; the item by its id or by its name within the folder."""

    item: UUID | None = None
    name: str | None = None
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """The item, and which frame of it, that an address means."""

    item: Item
    frame: int | None


def probe_videos(
    *, actor: Actor, folder: Folder, addresses: Sequence[UnitAddress]
) -> dict[UUID, FrameTimes]:
    """Probe the videos and sequences, by item id, of which frames are named that have no unit yet.

    It reads whole files: call it before find_units, outside of the transaction.
    """
    targets = _targets(addresses, _find_items(actor, folder, addresses, []))
    probes = {}
    for item in _missing_frames(targets, _units_of(targets)):
        try:
            probes[item.pk] = probe_item(item)
        except UnreadableMedia:
            continue
    return probes


def find_units(
    *,
    actor: Actor,
    folder: Folder,
    addresses: Sequence[UnitAddress],
    probes: Mapping[UUID, FrameTimes],
    errors: list[FieldError],
) -> list[int | None]:
    """The unit id of each address, None where one of the appended errors says why.

    Items are looked for in the folder and below it. Named frames become key frames, and get units
    if they have none, by the `probes` of probe_videos; call it in the transaction that gives them
    their vectors, under share_tree. An image of a sequence is the sequence's frame at its place.
    """
    targets = _targets(addresses, _find_items(actor, folder, addresses, errors))
    # A change of a sampling configuration would take units away that are given a vector here.
    hold_items(target.item.pk for target in targets if target and target.frame is not None)
    units = _units_of(targets)
    _add_frames(_missing_frames(targets, units), probes, units)
    ids: list[int | None] = []
    for number, target in enumerate(targets):
        unit = units.get((target.item.pk, target.frame)) if target else None
        if target is not None and unit is None:
            message = f"“{target.item.name}” has no frame {target.frame}."
            path = f"vectors.{number}.frame"
            errors.append(FieldError(path, message, "unknown_frame", found=str(target.frame)))
        ids.append(unit)
    mark_key_frames(Unit.objects.filter(pk__in=[unit for unit in ids if unit]))
    return ids


def _find_items(
    actor: Actor, folder: Folder, addresses: Sequence[UnitAddress], errors: list[FieldError]
) -> list[Item | None]:
    """The item of each address."""
    items = (
        Item.objects.visible_to(actor, FolderRole.EDITOR)
        .filter(folder__in=Folder.objects.below(folder))
        .select_related("parent")
        .defer("client_metadata", "parent__client_metadata")
    )
    by_id = items.in_bulk({address.item for address in addresses if address.item})
    by_name = _by_name(items, {address.name for address in addresses if address.name})
    return [
        _find_item(address, by_id, by_name, f"vectors.{number}", errors)
        for number, address in enumerate(addresses)
    ]


def _by_name(items: ItemQuerySet, names: set[str]) -> dict[str, list[Item]]:
    """Items by name; several when folders below hold items of the same name."""
    found: dict[str, list[Item]] = {}
    for item in items.filter(name__in=names) if names else ():
        found.setdefault(item.name, []).append(item)
    return found


def _find_item(
    address: UnitAddress,
    by_id: dict[UUID, Item],
    by_name: dict[str, list[Item]],
    path: str,
    errors: list[FieldError],
) -> Item | None:
    if address.item is not None:
        item = by_id.get(address.item)
        if item is None:
            message = "There is no such item in this folder."
            errors.append(
                FieldError(f"{path}.item", message, "unknown_item", found=str(address.item))
            )
        return item
    named = by_name.get(address.name or "", [])
    if len(named) == 1:
        return named[0]
    message = "There is no item of this name in this folder."
    if named:
        message = f"{len(named)} items in this folder have this name; say which by id."
    code = "ambiguous_name" if named else "unknown_item"
    errors.append(FieldError(f"{path}.name", message, code, found=(address.name or "")[:80]))
    return None


def _targets(
    addresses: Sequence[UnitAddress], items: Sequence[Item | None]
) -> list[_Target | None]:
    """What each address means, None where there is no such item."""
    targets: list[_Target | None] = []
    for address, item in zip(addresses, items, strict=True):
        if item is None:
            targets.append(None)
        elif item.parent is not None and get_kind(item.parent.kind).parts_are_frames:
            targets.append(_Target(item.parent, item.position))
        else:
            targets.append(_Target(item, address.frame))
    return targets


def _units_of(targets: Sequence[_Target | None]) -> dict[tuple[UUID, int | None], int]:
    """Unit ids of items by (item, frame)."""
    rows = Unit.objects.filter(item__in={target.item.pk for target in targets if target})
    return {
        (item_id, frame): pk for pk, item_id, frame in rows.values_list("pk", "item_id", "frame")
    }


def _missing_frames(
    targets: Sequence[_Target | None], units: Mapping[tuple[UUID, int | None], int]
) -> dict[Item, set[int]]:
    """The named frames of videos and sequences that have no unit."""
    missing: dict[Item, set[int]] = {}
    for target in targets:
        if target is None or target.frame is None or not get_kind(target.item.kind).has_frames:
            continue
        if (target.item.pk, target.frame) not in units:
            missing.setdefault(target.item, set()).add(target.frame)
    return missing


def _add_frames(
    missing: Mapping[Item, set[int]],
    probes: Mapping[UUID, FrameTimes],
    units: dict[tuple[UUID, int | None], int],
) -> None:
    """Make units of the frames; one beyond the end, or of no readable video, is left without."""
    # In the order of ids, so that two batches that overlap wait for each other and go on.
    for item in sorted(missing, key=lambda item: item.pk):
        probe = probes.get(item.pk)
        if probe is None:
            continue
        within = [number for number in missing[item] if number < probe.frame_count]
        made = add_frames(item=item, probe=probe, numbers=within, key=True)
        units.update({(item.pk, frame): unit.pk for frame, unit in made.items()})
