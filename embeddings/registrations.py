"""What this app hangs into the hooks of the apps below; called once, when Django is ready."""

from importlib import import_module
from uuid import UUID

from core.errors import Conflict
from embeddings.filters import EmbeddingField
from embeddings.maps.filter_field import MapField
from embeddings.models import Reduction, UpgradeKey
from embeddings.querysets import units_with_vectors
from embeddings.services.metadata_vectors import (
    read_metadata_vectors,
    remove_metadata_vectors,
    write_metadata_vectors,
)
from embeddings.services.partitions import partition_for_new_key
from embeddings.services.points import forget_moved_units
from embeddings.services.vectors import forget_units, move_vectors
from folders import filters, hooks
from folders.models import Folder


def register() -> None:
    """Register everything."""
    import_module("embeddings.jobs")
    hooks.on_key_created.register(partition_for_new_key)
    hooks.before_units_removed.register(_forget)
    hooks.on_units_moved.register(_follow)
    hooks.before_root_absorbed.register(_keep_maps)
    hooks.units_in_use.register(units_with_vectors)
    hooks.vector_sink.register(write_metadata_vectors)
    hooks.vector_remover.register(remove_metadata_vectors)
    hooks.vector_source.register(read_metadata_vectors)
    filters.register_field("embedding", EmbeddingField())
    filters.register_field("map", MapField())


def _forget(unit_ids: list[int], root_id: UUID) -> None:
    forget_units(unit_ids)


def _follow(unit_ids: list[int], old_root: UUID, new_root: UUID) -> None:
    move_vectors(unit_ids, old_root, new_root)
    forget_moved_units(unit_ids, old_root, new_root)


def _keep_maps(root: Folder) -> None:
    """Maps belong to root folders: nothing may turn theirs into a subfolder unseen."""
    for model in (UpgradeKey, Reduction):
        if model.objects.filter(root=root).exists():
            raise Conflict(
                f"“{root.name}” has a folder upgrade. Remove its keys and maps under Folder "
                "upgrades before you move it below another folder.",
                code="root_has_upgrade",
            )
