"""What this app hangs into the hooks of the apps below; called once, when Django is ready."""

from importlib import import_module
from uuid import UUID

from embeddings.filters import EmbeddingField
from embeddings.maps.filter_field import MapField
from embeddings.services.metadata_vectors import (
    read_metadata_vectors,
    remove_metadata_vectors,
    write_metadata_vectors,
)
from embeddings.services.partitions import partition_for_new_key
from embeddings.services.points import forget_moved_units
from embeddings.services.vectors import forget_units, move_vectors
from folders import filters, hooks


def register() -> None:
    """Register everything."""
    import_module("embeddings.jobs")
    hooks.on_key_created.register(partition_for_new_key)
    hooks.before_units_removed.register(_forget)
    hooks.on_units_moved.register(_follow)
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
