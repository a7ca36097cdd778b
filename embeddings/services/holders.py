"""Which units have a vector of a key; the app's answer to folders.hooks.VectorHolders."""

from embeddings.models import Vector
from folders.models import MetadataKey


class Holders:
    """Answers from the vectors table, from the partition of the key alone."""

    def among(self, *, key: MetadataKey, unit_ids: list[int]) -> set[int]:
        """Those of the units that have a vector of the key."""
        rows = Vector.objects.filter(key_id=key.pk, unit_id__in=unit_ids)
        return set(rows.values_list("unit_id", flat=True))

    def count(self, *, key: MetadataKey) -> int:
        """How many units have a vector of the key."""
        return Vector.objects.filter(key_id=key.pk).count()
