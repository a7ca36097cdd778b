"""Collections and presets belong to root folders, and follow what becomes of these."""

from collections import Counter
from uuid import UUID

from django.db.models import Exists, OuterRef

from collections_app.models import Collection, CollectionUnit, Preset
from collections_app.names import free_name
from collections_app.recipes import note_departure
from folders import hooks
from folders.models import Folder, Unit
from folders.querysets import UnitQuerySet


def register() -> None:
    """Be told of units that leave a root, and of roots that go below another one."""
    hooks.on_units_moved.register(forget_moved_units)
    hooks.on_root_absorbed.register(carry_collections)
    hooks.folder_contents.register(collection_contents)
    hooks.unit_contents.register(unit_collections)


def forget_moved_units(
    unit_ids: list[int], old_root: UUID, new_root: UUID, effects: Counter[str]
) -> None:
    """End the memberships of units in collections of the root that they left.

    The recipe of each collection says how many went; the batches of one move make one step.
    """
    # In the order of ids, as two moves lock them that overlap.
    found = Collection.objects.filter(root=old_root).order_by("pk").select_for_update(no_key=True)
    collections = {collection.pk: collection for collection in found}
    members = CollectionUnit.objects.filter(collection__in=collections, unit__in=unit_ids)
    gone = Counter(members.values_list("collection", flat=True))
    members.delete()
    for collection_id, units in gone.items():
        collection = collections[collection_id]
        collection.recipe = note_departure(collection.recipe, units, new_root)
        collection.save(update_fields=["recipe", "updated_at"])
    effects[hooks.MEMBERS_LEFT] += gone.total()


def carry_collections(root: Folder, new_root: Folder) -> None:
    """Collections and presets of a root that goes below another one belong to that from now on.

    Where the new root has one of the same name, they are called after the folder they come from.
    """
    for model in (Collection, Preset):
        taken = {name.lower() for name in _names(model, new_root)}
        for row in model._default_manager.filter(root=root).order_by("pk"):
            row.name = free_name(row.name, root.name, taken)
            taken.add(row.name.lower())
            row.root = new_root
            row.save(update_fields=["name", "root", "updated_at"])


def collection_contents(folder: Folder) -> list[hooks.Content]:
    """Collections that hold units of the folder; with a root folder its presets go, too."""
    collections = Collection.objects.filter(root=folder.root_id)
    if folder.is_root:
        presets = Preset.objects.filter(root=folder).count()
        return [
            hooks.Content("collection", collections.count()),
            hooks.Content("preset", presets),
        ]
    units = Unit.objects.filter(folder__in=Folder.objects.below(folder))
    members = CollectionUnit.objects.filter(collection=OuterRef("pk"), unit__in=units)
    return [hooks.Content("collection", collections.filter(Exists(members)).count(), kept=True)]


def unit_collections(units: UnitQuerySet, folder: Folder) -> list[hooks.Content]:
    """Collections that hold some of the units."""
    members = CollectionUnit.objects.filter(collection=OuterRef("pk"), unit__in=units)
    collections = Collection.objects.filter(Exists(members), root=folder.root_id)
    return [hooks.Content("collection", collections.count(), kept=True)]


def _names(model: type[Collection] | type[Preset], root: Folder) -> list[str]:
    return list(model._default_manager.filter(root=root).values_list("name", flat=True))
