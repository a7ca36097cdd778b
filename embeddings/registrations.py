"""What this app hangs into the hooks of the apps below; called once, when Django is ready."""

from collections import Counter
from importlib import import_module
from uuid import UUID

from embeddings.contents import unit_contents, upgrade_contents
from embeddings.filters import EmbeddingField
from embeddings.holding import holdings_of
from embeddings.imports.importer import VECTORS
from embeddings.maps.filter_field import MapField
from embeddings.querysets import units_with_vectors
from embeddings.search.filter_field import DistanceField
from embeddings.services.absorption import carry_upgrade
from embeddings.services.derived_rows import labels
from embeddings.services.erasure import erase_vectors_of_key
from embeddings.services.holders import Holders
from embeddings.services.index_following import request_following
from embeddings.services.metadata_vectors import (
    read_metadata_vectors,
    remove_metadata_vectors,
    write_metadata_vectors,
)
from embeddings.services.partitions import partition_for_new_key
from embeddings.services.placement import request_placement
from embeddings.services.points import forget_points
from embeddings.services.vector_sets import on_change
from embeddings.services.vectors import forget_units, move_vectors
from folders import filters, hooks
from folders.imports.registry import register_importer


def register() -> None:
    """Register everything."""
    import_module("embeddings.jobs")
    on_change(request_placement)
    on_change(request_following)
    hooks.on_key_created.register(partition_for_new_key)
    hooks.on_key_erased.register(erase_vectors_of_key)
    hooks.before_units_removed.register(_forget)
    hooks.on_units_moved.register(_follow)
    hooks.on_root_absorbed.register(carry_upgrade)
    hooks.folder_contents.register(upgrade_contents)
    hooks.unit_contents.register(unit_contents)
    hooks.units_in_use.register(units_with_vectors)
    hooks.vector_sink.register(write_metadata_vectors)
    hooks.vector_remover.register(remove_metadata_vectors)
    hooks.vector_source.register(read_metadata_vectors)
    hooks.vector_holders.register(Holders())
    register_importer(VECTORS)
    hooks.derived_vectors.register(labels)
    hooks.vectors_held.register(_held)
    filters.register_field("embedding", EmbeddingField())
    filters.register_field("map", MapField())
    filters.register_field("distance", DistanceField())


def _forget(unit_ids: list[int], root_id: UUID) -> None:
    forget_points(unit_ids, root_id)
    forget_units(unit_ids)


def _held(unit_id: int) -> dict[str, str]:
    return {name: held.sentence for name, held in holdings_of(unit_id).items()}


def _follow(unit_ids: list[int], old_root: UUID, new_root: UUID, effects: Counter[str]) -> None:
    move_vectors(unit_ids, old_root, new_root)
    effects[hooks.POINTS_LEFT] += forget_points(unit_ids, old_root)
