"""Which maps and which of their points a person sees."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, BooleanField, Count, Func, QuerySet
from django.db.models.aggregates import Aggregate
from django.db.models.expressions import RawSQL

from accounts.actor import Actor
from core.errors import Conflict, NotFound
from embeddings.forming import Snapshot, latest_snapshot
from embeddings.models import Reduction, ReductionPoint
from folders.models import Folder, MetadataKey, Unit
from folders.permissions import sees_whole_root

Points = QuerySet[ReductionPoint, ReductionPoint]


def get_map(actor: Actor, reduction_id: UUID) -> Reduction:
    """A map in any state, with key, root and job.

    Raises:
        NotFound: there is no such map, or the actor sees nothing of its root folder.
    """
    found = Reduction.objects.visible_to(actor).filter(pk=reduction_id).first()
    if found is None:
        raise NotFound("There is no such map, or you have no access to it.")
    return found


def get_ready_map(actor: Actor, reduction_id: UUID) -> Reduction:
    """A finished map.

    Raises:
        NotFound: as get_map.
        Conflict: it is not finished.
    """
    found = get_map(actor, reduction_id)
    if not found.is_ready:
        raise Conflict("This map is not finished.", code="map_not_ready")
    return found


def current_map(root: Folder, key: MetadataKey) -> Reduction | None:
    """The map that is shown for a key: the newest finished version."""
    return (
        Reduction.objects.filter(root=root, key=key)
        .ready()
        .newest_first()
        .select_related("key", "root", "job")
        .first()
    )


def visible_points(actor: Actor, reduction: Reduction) -> Points:
    """Points of units that are still in the map's root folder and that the actor sees."""
    return _seen_points(actor, reduction, whole=sees_whole_root(actor, reduction.root))


def _seen_points(actor: Actor, reduction: Reduction, *, whole: bool) -> Points:
    points = ReductionPoint.objects.filter(
        reduction=reduction, unit__root=reduction.root_id
    ).order_by("ordinal")
    if whole:
        return points
    return points.filter(unit__folder__in=Folder.objects.visible_to(actor).values("pk"))


@dataclass(frozen=True, slots=True)
class View:
    """A map as one person sees it now, finished or forming.

    Attributes:
        reduction: the map.
        rows: its points that he sees, by ordinal, and of a forming map the units, in the same
            order: row i of payload, masks and colours is the i-th of them.
        count: how many they are.
        mark: changes whenever a row comes or goes, so that rows are never taken for other ones.
        whole: he sees the whole root folder.
        snapshot: of a forming map: the points as they are now.
    """

    reduction: Reduction
    rows: QuerySet[Any, Any]
    count: int
    mark: str
    whole: bool
    snapshot: Snapshot | None = None

    @property
    def points(self) -> Points:
        """The rows of a finished map."""
        if self.snapshot is not None:
            raise Conflict("This map is not finished.", code="map_not_ready")
        return self.rows

    @property
    def unit(self) -> str:
        """What fields of units begin with, in lookups from the rows."""
        return "unit__" if self.snapshot is None else ""


def view_map(actor: Actor, reduction_id: UUID, mark: str = "") -> View:
    """A finished map with the points that the actor sees.

    Args:
        actor: who looks.
        reduction_id: the map.
        mark: of the payload that the caller holds; empty to take any.

    Raises:
        NotFound, Conflict: as get_ready_map; Conflict also when the mark is not the present one.
    """
    return _as_seen(get_ready_map(actor, reduction_id), actor, None, mark)


def view_any_map(actor: Actor, reduction_id: UUID, mark: str = "") -> View:
    """As view_map, also of a map that forms.

    Raises:
        NotFound, Conflict: as view_map.
    """
    reduction = get_map(actor, reduction_id)
    snapshot = latest_snapshot(reduction_id) if reduction.is_active else None
    if snapshot is None:
        return view_map(actor, reduction_id, mark)
    return _as_seen(reduction, actor, snapshot, mark)


def _as_seen(reduction: Reduction, actor: Actor, snapshot: Snapshot | None, mark: str) -> View:
    whole = sees_whole_root(actor, reduction.root)
    if snapshot is None:
        rows: QuerySet[Any, Any] = _seen_points(actor, reduction, whole=whole)
        # A unit that was placed anew has another ordinal: no ordinal comes twice.
        row = "ordinal"
    else:
        rows = forming_units(actor, reduction, snapshot)
        row = "pk"
    # An order would have to be grouped by.
    seen = rows.order_by().aggregate(count=Count(row), rows=_XorOfHashes(row))
    finished = reduction.finished_at.isoformat() if reduction.finished_at else ""
    parts = (reduction.pk.hex, finished, str(seen["count"]), str(seen["rows"]))
    present = blake2b("|".join(parts).encode(), digest_size=12).hexdigest()
    if mark and mark != present:
        raise Conflict(
            "The map has changed since it was loaded. Load it again.", code="map_changed"
        )
    return View(reduction, rows, seen["count"], present, whole, snapshot)


def forming_units(actor: Actor, reduction: Reduction, snapshot: Snapshot) -> QuerySet[Unit, Unit]:
    """Units of a forming map that are still in its root folder and that the actor sees."""
    units = Unit.objects.filter(root=reduction.root_id).order_by("pk")
    if not sees_whole_root(actor, reduction.root):
        units = units.visible_to(actor)
    # A list of a million ids would be a million parameters.
    return units.filter(
        RawSQL(
            "folders_unit.id = ANY (%s::bigint[])",
            [snapshot.unit_ids.tolist()],
            output_field=BooleanField(),
        )
    )


class _Hash(Func):
    """A 64-bit hash of a bigint."""

    template = "hashint8extended(%(expressions)s, 0)"
    output_field = BigIntegerField()


class _XorOfHashes(Aggregate):
    """A number that tells two sets of ids apart, in whatever order they come."""

    function = "bit_xor"
    output_field = BigIntegerField()

    def __init__(self, expression: str) -> None:
        super().__init__(_Hash(expression))
