"""How many units have a vector."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from accounts.actor import Actor
from embeddings.filters import zero_vector
from embeddings.models import DerivedVector, Vector
from embeddings.querysets import units_to_search
from folders.models import Folder, MetadataKey, Unit
from folders.querysets import UnitQuerySet

_UNITS_OF_ROOT = """
    SELECT coalesce(sum(c.units), 0) FROM folders_unitcount c
    JOIN folders_folder f ON f.id = c.folder_id WHERE f.root_id = %s AND f.deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Units that the actor sees in a root folder, and how many of them one key covers."""

    units: int
    with_vector: int
    # Of those with a vector: zero vectors, which have no cosine distance.
    zero: int

    @property
    def without_vector(self) -> int:
        """Units that have no vector."""
        return self.units - self.with_vector


def coverage(
    actor: Actor, root: Folder, key: MetadataKey, *, units: UnitQuerySet | None = None
) -> Coverage:
    """Count within the root, or within `units` of it, cut by what the actor may see."""
    return coverage_within(root.pk, key.pk, units_to_search(actor, root, units))


def derived_vectors(
    actor: Actor, root: Folder, key: MetadataKey, *, units: UnitQuerySet | None = None
) -> int:
    """How many of the vectors were computed from those of frames or parts."""
    searched = units_to_search(actor, root, units)
    within = Unit.objects.filter(root=root) if searched is None else searched
    marks = DerivedVector.objects.filter(key=key)
    return marks.filter(unit__in=within.order_by().values("pk")).count()


def units_with_zero_vectors(
    actor: Actor, root: Folder, key: MetadataKey, *, units: UnitQuerySet | None = None
) -> UnitQuerySet:
    """The units that the actor sees, and whose vector is all zeros."""
    searched = units_to_search(actor, root, units)
    within = Unit.objects.filter(root=root) if searched is None else searched
    return within.filter(zero_vector(key))


def coverage_within(root_id: UUID, key_id: int, units: UnitQuerySet | None) -> Coverage:
    """Count within units that are already cut by what the actor may see; None is the whole root."""
    vectors = Vector.objects.filter(key_id=key_id, root_id=root_id)
    if units is not None:
        vectors = vectors.filter(unit_id__in=units.order_by().values("pk"))
    return Coverage(
        units=units_of_root(root_id) if units is None else units.count(),
        with_vector=vectors.count(),
        zero=vectors.filter(norm=0).count(),
    )


def units_of_root(root_id: UUID) -> int:
    """How many units name the root, from the running counts of its folders."""
    # Every search asks: to have the ORM put this together took longer than to answer it.
    with connection.cursor() as cursor:
        cursor.execute(_UNITS_OF_ROOT, [root_id])
        (count,) = cursor.fetchone()
    return int(count)
