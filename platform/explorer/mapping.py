"""What the page tells the map beside the grid; frontend/src/map/settings.ts reads it."""

import json

from django.urls import reverse

from accounts.actor import Actor
from collections_app.matching import filtered_units
from embeddings.maps.coverage import MapCoverage, map_coverage
from embeddings.models import Reduction
from explorer.conjuncts import Tree, join
from explorer.controls import Control, Section
from explorer.menus import Embedding
from explorer.state import ExplorerState
from explorer.tiles import ordinals_of
from folders.choices import KeyType
from folders.models import Folder

COLOURABLE = (KeyType.ENUM, KeyType.BOOLEAN, KeyType.NUMBER, KeyType.VARCHAR)


def map_data(
    actor: Actor,
    root: Folder,
    state: ExplorerState,
    active: Embedding | None,
    controls: list[Control],
) -> dict[str, str]:
    """Data attributes of the map's host, without their `data-`.

    Without a map they say only which embedding lacks one, and where to ask for it.
    """
    data = {
        "embedding": active.key.name if active else "",
        "upgrade-url": reverse("folder-upgrade", args=[root.pk]),
    }
    if active is None or active.map is None:
        return data
    reduction = active.map
    covered = map_coverage(actor, reduction)
    fields = [
        {"field": control.field, "name": control.label}
        for control in controls
        if control.section == Section.METADATA and control.key and control.key.type in COLOURABLE
    ]
    without = covered.no_vector
    return data | {
        "payload-url": reverse("map-payload", args=[reduction.pk]),
        "colours-url": reverse("map-colours", args=[reduction.pk]),
        "point-url": reverse("map-point", args=[reduction.pk, 0]),
        "state-mask-url": _state_mask(root, state, reduction),
        "fields": json.dumps(fields),
        "colour": _first_colour(controls),
        "units": str(covered.units),
        "without-vector": str(without),
        "without-vector-url": _lacking(actor, root, state, active.key.name) if without else "",
        "left-out": _left_out(covered),
        "status": _status(reduction),
        "query": _query(reduction, state),
    }


def _state_mask(root: Folder, state: ExplorerState, reduction: Reduction) -> str:
    """Where the points that the state shows are told; empty when it shows all."""
    if state.filter is None and state.distance is None:
        return ""
    address = reverse("explorer-mask", args=[root.pk, reduction.pk])
    return f"{address}?{state.query()}"


def _first_colour(controls: list[Control]) -> str:
    """Colours tell most where there are few: the first enum, if there is one."""
    keys = [c for c in controls if c.key is not None and c.key.type == KeyType.ENUM]
    return keys[0].field if keys else ""


def _lacking(actor: Actor, root: Folder, state: ExplorerState, embedding: str) -> str:
    """Where the units without a vector are listed; empty when the filter finds none.

    To the filter a video has a vector when one of its frames has; the map shows units' own.
    """
    leaf: Tree = {"field": f"embedding.{embedding}", "op": "exists", "value": False}
    other = state.changed(filter=join([leaf]), similar=None)
    if not filtered_units(actor=actor, root=root, tree=other.filter).exists():
        return ""
    return f"{reverse('explorer', args=[root.pk])}?{other.query()}"


def _left_out(covered: MapCoverage) -> str:
    """Units that have a vector and yet no point, in words."""
    told = (
        (covered.zero, "with a zero vector"),
        (covered.unplaced, "not placed yet"),
        (covered.left, "left since this map was computed"),
    )
    return " · ".join(f"{number:,} {words}" for number, words in told if number)


def _status(reduction: Reduction) -> str:
    made = reduction.finished_at
    when = f" · {made.day} {made:%b, %H:%M}" if made else ""
    return f"{reduction.get_method_display()} · version {reduction.version}{when}"


def _query(reduction: Reduction, state: ExplorerState) -> str:
    """The point that the search starts from."""
    if state.similar is None:
        return ""
    return str(ordinals_of(reduction, [state.similar]).get(state.similar, ""))
