"""The field `embedding.<key>` of the filter grammar: units that have a vector of the key, or none.

{"field": "embedding.clip", "op": "exists", "value": true}
{"field": "embedding.clip", "op": "zero", "value": true}      all zeros, so without a direction
"""

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.lookups import IsNull

from embeddings.models import Vector
from folders.choices import KeyType, UnitKind
from folders.filters import FieldType, FilterContext, Leaf
from folders.filters.values import boolean, wrong
from folders.models import Folder, MetadataKey, Unit
from folders.querysets import UnitQuerySet

_CONTAINERS = (UnitKind.VIDEO, UnitKind.IMAGE_GROUP, UnitKind.IMAGE_SEQUENCE)


class EmbeddingField(FieldType):
    """Whether a unit has a vector."""

    takes_key = True

    def __init__(self) -> None:
        super().__init__({"exists": boolean, "zero": boolean})

    def compile(self, leaf: Leaf, context: FilterContext, path: str) -> Q:
        """Units with a vector, or without one; or with a zero vector, and all others.

        Raises:
            InvalidInput: the schema has no such embedding key.
        """
        key = context.keys.get(leaf.key)
        if key is None or key.type != KeyType.EMBEDDING:
            message = f"The schema has no embedding key “{leaf.key}”."
            raise wrong(f"{path}.field", message, found=leaf.field)
        root = context.root
        if leaf.op == "zero":
            zero = zero_vector(key)
            return zero if leaf.value else ~zero
        if leaf.value:
            return with_vector(key, root)
        # Not the negation of the other: PostgreSQL makes anti-joins of conditions that stand by
        # themselves only, and looks at the vectors unit by unit otherwise.
        return ~own_vector(key, root) & ~vector_of_members(key)


def with_vector(key: MetadataKey, root: Folder) -> Q:
    """Units of a root folder that have a vector of the key.

    A video, group or sequence also counts when one of its frames or parts has one; coverage and
    searches look at units' own vectors only.
    """
    return own_vector(key, root) | vector_of_members(key)


def own_vector(key: MetadataKey, root: Folder) -> Q:
    """Units of a root folder that have a vector of the key themselves."""
    # EXISTS, not IN: under OR and NOT a list too long for work_mem would be read again for every
    # unit; EXISTS is at worst one look-up in the key's partition. The root lets an index alone
    # answer for many units: the table holds two gigabytes for a million.
    own = Vector.objects.filter(key_id=key.pk, unit_id=OuterRef("pk"), root_id=root.pk)
    return Q(Exists(own))


def vector_of_members(key: MetadataKey) -> Q:
    """Videos, groups and sequences of which a frame or part has a vector of the key."""
    vectors = Vector.objects.filter(key_id=key.pk, unit_id=OuterRef("pk"))
    frames = Unit.objects.filter(Exists(vectors), item=OuterRef("item"), frame__isnull=False)
    parts = Unit.objects.filter(Exists(vectors), item__parent=OuterRef("item"))
    # One value, not EXISTS: PostgreSQL would gather the frames of the whole table in a hash, where
    # a look at the first frames of few videos is enough.
    return Q(kind__in=_CONTAINERS) & (Q(_found(frames)) | Q(_found(parts)))


def _found(units: UnitQuerySet) -> IsNull:
    one = Subquery(units.order_by().values("pk")[:1])
    return IsNull(one, False)  # noqa: FBT003  (Django's own signature)


def zero_vector(key: MetadataKey) -> Q:
    """Units whose own vector of the key is all zeros."""
    return Q(Exists(Vector.objects.filter(key_id=key.pk, unit_id=OuterRef("pk"), norm=0)))
