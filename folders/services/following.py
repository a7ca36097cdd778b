"""Units follow a folder that was moved to another root.

A move changes the tree at once: from then on the folder, and who may see it, are those of its new
place. Each unit repeats its root and has things there, vectors under all, so units of a large
folder follow in batches: each unit is at every moment wholly in one root, with its vectors, and in
no collection and on no map of the other. Until the last has come, `Folder.moved_from` says so, and
nobody is shown the old root without a look at the folder of each unit
(folders.permissions.sees_whole_root).

Each batch owns the tree for an instant. So no writer of units is under way at that time: whoever
makes a unit of a frame has read its whole either before, and committed, or will read the new root.
"""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from folders import hooks
from folders.constants import BATCH_SIZE
from folders.models import Folder, Unit
from folders.services.locks import own_tree

Effects = Counter[str]
"""What a move did to the old root, by hooks.MEMBERS_LEFT and the like, and "units"."""


def moving_near(folder: Folder) -> list[Folder]:
    """Folders that units are still to follow: the folder itself, ones above it, ones below it."""
    above = [UUID(part) for part in folder.path.strip("/").split("/")]
    near = Q(pk__in=above) | Q(path__startswith=folder.path)
    return list(Folder.objects.filter(near, moved_from__isnull=False))


def follow(folder: Folder) -> Effects:
    """Take all units below a moved folder along, and settle it; begun again, it goes on."""
    effects: Effects = Counter()
    for _ in follow_in_batches(folder, effects):
        pass
    return effects


def follow_in_batches(folder: Folder, effects: Effects) -> Iterator[int]:
    """The same, batch by batch: yields how many units were looked at."""
    below = Folder.everything.below(folder).order_by("path")
    for folder_id in list(below.values_list("pk", flat=True)):
        last = 0
        while batch := list(
            Unit.objects.filter(folder=folder_id, pk__gt=last)
            .order_by("pk")
            .values_list("pk", flat=True)[:BATCH_SIZE]
        ):
            last = batch[-1]
            with transaction.atomic():
                own_tree(folder.organisation_id)
                move_units(batch, effects)
            yield len(batch)
    Folder.everything.filter(pk=folder.pk).update(moved_from=None)


def move_units(unit_ids: list[int], effects: Effects) -> None:
    """Give units the root of their folder and tell the apps above; under a lock on the tree."""
    leaving: dict[tuple[UUID, UUID], list[int]] = {}
    # Locked in the order of ids, as all do.
    units = Unit.objects.filter(pk__in=unit_ids).order_by("pk").select_for_update(of=("self",))
    for unit, old, new in units.values_list("pk", "root", "folder__root"):
        if old != new:
            leaving.setdefault((old, new), []).append(unit)
    for (old, new), ids in leaving.items():
        Unit.objects.filter(pk__in=ids).update(root=new)
        hooks.on_units_moved(ids, old, new, effects)
        effects["units"] += len(ids)
