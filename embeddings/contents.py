"""What this app keeps of a folder, for people who are about to delete or move it."""

from django.db import connection
from django.db.models import Exists, OuterRef

from embeddings.models import Reduction, ReductionPoint, Vector
from folders.choices import KeyType
from folders.hooks import Content
from folders.models import Folder, MetadataKey, Unit
from folders.querysets import UnitQuerySet

# Counting further would keep people waiting and tell them no more.
_COUNTED = 100_000


def upgrade_contents(folder: Folder) -> list[Content]:
    """Vectors in and below the folder, and the maps that show units of it."""
    maps = Reduction.objects.filter(root=folder.root_id).ready()
    if not folder.is_root:
        units = Unit.objects.filter(folder__in=Folder.objects.below(folder))
        points = ReductionPoint.objects.filter(reduction=OuterRef("pk"), unit__in=units)
        maps = maps.filter(Exists(points))
    vectors = _count_vectors(folder)
    return [
        Content("vector", min(vectors, _COUNTED), more=vectors > _COUNTED),
        Content("map", maps.count(), kept=not folder.is_root),
    ]


def unit_contents(units: UnitQuerySet, folder: Folder) -> list[Content]:
    """Vectors of some units of the folder, and the maps that show some of them."""
    keys = MetadataKey.objects.filter(organisation=folder.organisation_id).embeddings()
    found = Vector.objects.filter(
        root_id=folder.root_id, key__in=list(keys.values_list("pk", flat=True)), unit__in=units
    )
    vectors = found.order_by()[: _COUNTED + 1].count()
    points = ReductionPoint.objects.filter(reduction=OuterRef("pk"), unit__in=units)
    maps = Reduction.objects.filter(Exists(points), root=folder.root_id).ready()
    return [
        Content("vector", min(vectors, _COUNTED), more=vectors > _COUNTED),
        Content("map", maps.count(), kept=True),
    ]


def _count_vectors(folder: Folder) -> int:
    """Vectors in and below the folder, up to one more than are counted."""
    keys = MetadataKey.objects.filter(
        organisation=folder.organisation_id, type=KeyType.EMBEDDING
    ).values_list("pk", flat=True)
    below = Folder.objects.below(folder).values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM (
                SELECT FROM embeddings_vector v JOIN folders_unit u ON u.id = v.unit_id
                WHERE v.root_id = %s AND v.key_id = ANY (%s) AND u.folder_id = ANY (%s) LIMIT %s
            ) AS counted
            """,
            [folder.root_id, list(keys), list(below), _COUNTED + 1],
        )
        return int(cursor.fetchone()[0])
