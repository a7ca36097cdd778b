"""Which units have a vector of a key; the app's answer to folders.hooks.VectorHolders."""

from embeddings.models import Vector
from folders.models import MetadataKey
from folders.querysets import UnitQuerySet


class Holders:
    """Answers from the vectors table, from the partition of the key alone."""

    def among(self, *, key: MetadataKey, unit_ids: list[int]) -> set[int]:
        """Those of the units that have a vector of the key."""
        rows = Vector.objects.filter(key_id=key.pk, unit_id__in=unit_ids)
        return set(rows.values_list("unit_id", flat=True))

    def count(self, *, key: MetadataKey, units: UnitQuerySet | None = None) -> int:
        """How many units, or of these units, have a vector of the key."""
        rows = Vector.objects.filter(key_id=key.pk)
        if units is not None:
            rows = rows.filter(unit__in=units.values("pk"))
        return rows.count()
