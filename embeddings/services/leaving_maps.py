"""Maps that go because their key leaves the upgrade of a root folder."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count

from core.errors import Conflict
from embeddings.models import Reduction, UpgradeKey
from folders.models import Folder, MetadataKey

UNCONFIRMED = "maps_would_be_deleted"


@dataclass(frozen=True, slots=True)
class LeavingMap:
    """The map of a key, and how many finished versions of it there are."""

    key: MetadataKey
    versions: int


def leaving_maps(root: Folder, staying: Collection[int]) -> list[LeavingMap]:
    """Finished maps of keys that are in the upgrade and not among `staying`, by key id."""
    rows = UpgradeKey.objects.filter(root=root, key__deleted_at=None).exclude(key__in=staying)
    keys = {row.key_id: row.key for row in rows.select_related("key")}
    finished = Reduction.objects.filter(root=root, key__in=keys).ready().order_by()
    counts = dict(finished.values_list("key").annotate(Count("pk")))
    return [LeavingMap(key, counts[pk]) for pk, key in keys.items() if pk in counts]


def require_confirmed(leaving: Collection[LeavingMap], confirmed: Collection[int]) -> None:
    """Raise Conflict unless the deletion of each map is confirmed by its key's id."""
    names = [f"“{one.key.name}”" for one in leaving if one.key.pk not in confirmed]
    if names:
        raise Conflict(
            f"With {', '.join(names)} its map would go from the folder. Confirm that it is "
            "deleted, or keep the key without Embedding reduction.",
            code=UNCONFIRMED,
        )
