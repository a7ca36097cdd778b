"""Two versions of a map side by side: what moved, and whether to keep the new one.

embeddings/map_compare.html
    root, key
    new, old    Reductions; old is None when nothing came before
    drift       DriftReport of both
    moved       MovedUnits, farthest first
    can_edit    whether keeping and discarding are offered
    sees_all    whether the counts of whole versions may be told
"""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import NotFound
from embeddings.maps.access import get_ready_map
from embeddings.maps.drift import DriftReport, Moved, drift_report, earlier_version
from embeddings.upgrade_status import get_upgradable
from folders.addresses import unit_thumbnail_url
from folders.choices import FolderRole
from folders.models import Unit
from folders.permissions import has_role


@dataclass(frozen=True, slots=True)
class MovedUnit:
    """One of those that moved farthest, with its unit."""

    moved: Moved
    unit: Unit

    @property
    def thumbnail(self) -> str:
        """Address of its small picture; empty where there is none."""
        return unit_thumbnail_url(self.unit)

    @property
    def percent(self) -> str:
        """How far, in percent of the map's width."""
        return f"{100 * self.moved.shift:.0f}" if self.moved.shift >= 0.01 else "under 1"


@require_GET
def map_compare(request: HttpRequest, folder_id: UUID, reduction_id: UUID) -> HttpResponse:
    """The page; a version that is still computed has none."""
    actor = actor_of(request)
    root = get_upgradable(actor, folder_id)
    new = get_ready_map(actor, reduction_id)
    if new.root_id != root.pk:
        raise NotFound("There is no such map in this folder.")
    found = drift_report(actor, new)
    context = {
        "root": root,
        "key": new.key,
        "new": new,
        "old": earlier_version(new),
        "drift": found,
        "moved": _moved(actor, found),
        "can_edit": has_role(actor, root, FolderRole.EDITOR),
        "sees_all": has_role(actor, root, FolderRole.VIEWER),
    }
    return render(request, "embeddings/map_compare.html", context)


def _moved(actor: Actor, found: DriftReport) -> list[MovedUnit]:
    """The report's units; some may have gone meanwhile."""
    ids = [one.unit for one in found.most_moved]
    units = Unit.objects.visible_to(actor).filter(pk__in=ids).select_related("item").in_bulk()
    return [MovedUnit(one, units[one.unit]) for one in found.most_moved if one.unit in units]
