"""The field `embedding.<key>` of the filter grammar: units that have a vector of the key, or none.

{"field": "embedding.clip", "op": "exists", "value": true}
{"field": "embedding.clip", "op": "zero", "value": true}      all zeros, so without a direction
"""

from django.db.models import Exists, OuterRef, Q

from embeddings.models import Vector
from folders.choices import KeyType, UnitKind
from folders.filters import FieldType, FilterContext, Leaf
from folders.filters.values import boolean, wrong
from folders.models import MetadataKey, Unit

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
        held = zero_vector(key) if leaf.op == "zero" else with_vector(key)
        return held if leaf.value else ~held


def with_vector(key: MetadataKey) -> Q:
    """Units that have a vector of the key.

    A video, group or sequence also counts when one of its frames or parts has one; coverage and
    searches look at units' own vectors only.
    """
    own = own_vector(key)
    frames = Unit.objects.filter(own, item=OuterRef("item"), frame__isnull=False)
    parts = Unit.objects.filter(own, item__parent=OuterRef("item"))
    return own | Q(kind__in=_CONTAINERS) & (Q(Exists(frames)) | Q(Exists(parts)))


def own_vector(key: MetadataKey) -> Q:
    """Units that have a vector of the key themselves."""
    # EXISTS, not IN: under OR and NOT a list too long for work_mem would be read again for every
    # unit; EXISTS is at worst one look-up in the key's partition.
    return Q(Exists(Vector.objects.filter(key_id=key.pk, unit_id=OuterRef("pk"))))


def zero_vector(key: MetadataKey) -> Q:
    """Units whose own vector of the key is all zeros."""
    return Q(Exists(Vector.objects.filter(key_id=key.pk, unit_id=OuterRef("pk"), norm=0)))
