"""What the page tells the map beside the grid; frontend/src/map/settings.ts reads it."""

import json
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse

from accounts.actor import Actor
from collections_app.matching import filtered_units
from embeddings.choices import ReductionState
from embeddings.maps.coverage import MapCoverage, map_coverage
from embeddings.maps.drift import earlier_version
from embeddings.models import Reduction
from explorer.absence import why_no_map
from explorer.conjuncts import Tree, join
from explorer.controls import Control, Section
from explorer.menus import Embedding, short_id
from explorer.state import ExplorerState
from explorer.tiles import ordinals_of
from folders import filters
from folders.choices import FolderRole, KeyType
from folders.models import Folder
from folders.permissions import has_role

COLOURABLE = (KeyType.ENUM, KeyType.BOOLEAN, KeyType.NUMBER, KeyType.VARCHAR)


def map_data(
    actor: Actor,
    root: Folder,
    state: ExplorerState,
    active: Embedding | None,
    controls: list[Control],
) -> dict[str, str]:
    """Data attributes of the map's host, without their `data-`.

    Without a map they say which embedding lacks one, why, and where to ask for it.
    """
    data = {
        "embedding": active.key.name if active else "",
        "upgrade-url": reverse("folder-upgrade", args=[root.pk]),
    }
    if active is None:
        return data
    reduction = active.map or active.run
    if reduction is None:
        title, why = why_no_map(actor, root, active)
        return data | {"absent": title, "absent-why": why}
    data |= {
        "map": short_id(reduction),
        "colours-url": reverse("map-colours", args=[reduction.pk]),
        "point-url": reverse("map-point", args=[reduction.pk, 0]),
        "state-mask-url": _state_mask(root, state, reduction),
        "points-url": reverse("map-cards", args=[reduction.pk]),
        "distances-url": reverse("map-distances", args=[reduction.pk]),
        "search": _search(state),
        "fields": json.dumps(_fields(reduction, controls)),
        "colour": _first_colour(controls),
    }
    if active.map is None:
        return data | _forming(actor, reduction)
    return data | _finished(actor, root, state, active, active.map)


def _forming(actor: Actor, reduction: Reduction) -> dict[str, str]:
    """Of a first map that is being computed."""
    job = reduction.job
    may_stop = has_role(actor, reduction.root, FolderRole.EDITOR)
    may_cancel = job is not None and (job.actor_id == actor.user.pk or actor.is_organisation_admin)
    return {
        "forming-url": reverse("map-forming", args=[reduction.pk]),
        "selections-url": reverse("map-selections", args=[reduction.pk]),
        "stop-url": reverse("map-stop", args=[reduction.pk]) if may_stop else "",
        "cancel-url": reverse("job-cancel", args=[job.pk]) if job and may_cancel else "",
    }


def _finished(
    actor: Actor, root: Folder, state: ExplorerState, active: Embedding, reduction: Reduction
) -> dict[str, str]:
    covered = map_coverage(actor, reduction)
    without, zero = covered.no_vector, covered.zero
    listed = partial(_listed, actor, root, state, active.key.name)
    return {
        "parts-url": reverse("map-parts", args=[reduction.pk]),
        "picture-url": reverse("map-picture", args=[reduction.pk]),
        "seen-url": reverse("map-seen", args=[reduction.pk]),
        "units": str(covered.units),
        "without-vector": str(without),
        "without-vector-url": listed("exists", value=False) if without else "",
        "zero": str(zero),
        "zero-url": listed("zero", value=True) if zero else "",
        "left-out": _left_out(covered),
        "status": _status(reduction, active),
        "compare-url": _comparison(root, reduction),
        "query": _query(reduction, state),
    }


def _state_mask(root: Folder, state: ExplorerState, reduction: Reduction) -> str:
    """Where the points that the state shows are told; empty when it shows all."""
    if state.filter is None and state.distance is None:
        return ""
    address = reverse("explorer-mask", args=[root.pk, reduction.pk])
    return f"{address}?{state.query()}"


def _fields(reduction: Reduction, controls: list[Control]) -> list[dict[str, str]]:
    """What the points can be coloured by, but for distances; collections have their own colour."""
    keys = [c for c in controls if c.section == Section.METADATA and c.key is not None]
    fields = [
        *({"field": c.field, "name": c.label} for c in keys if c.key and c.key.type in COLOURABLE),
        {"field": "kind", "name": "Kind"},
        {"field": "folder", "name": "Folder"},
    ]
    mask = reverse("map-mask", args=[reduction.pk])
    for control in controls:
        if control.section != Section.COLLECTIONS:
            continue
        for option in control.options:
            leaf: Tree = {"field": "collection", "op": "in", "value": [option.value]}
            address = f"{mask}?{urlencode({'filter': filters.encode(filters.parse(leaf))})}"
            field = f"collection.{option.value}"
            colour = str(option.colour)
            fields.append({"field": field, "name": option.label, "mask": address, "colour": colour})
    return fields


def _search(state: ExplorerState) -> str:
    """What the search starts from, as the address of distances takes it; empty without one."""
    if not state.is_search:
        return ""
    plus: list[dict[str, int | str]] = [{"unit": unit} for unit in state.plus]
    if state.similar is not None:
        plus.insert(0, {"unit": state.similar})
    if state.vector:
        plus.append({"vector": state.vector})
    minus = [{"unit": unit} for unit in state.minus]
    asked = {"key": state.embedding, "plus": plus, "minus": minus}
    return json.dumps({name: part for name, part in asked.items() if part})


def _first_colour(controls: list[Control]) -> str:
    """Colours tell most where there are few: the first enum, if there is one."""
    keys = [c for c in controls if c.key is not None and c.key.type == KeyType.ENUM]
    return keys[0].field if keys else ""


def _listed(
    actor: Actor, root: Folder, state: ExplorerState, embedding: str, op: str, *, value: bool
) -> str:
    """Where units without a vector, or with a zero one, are listed; empty when there are none.

    To the filter a video has a vector when one of its frames has; the map shows units' own.
    """
    leaf: Tree = {"field": f"embedding.{embedding}", "op": op, "value": value}
    other = state.changed(filter=join([leaf]), similar=None)
    if not filtered_units(actor=actor, root=root, tree=other.filter).exists():
        return ""
    return f"{reverse('explorer', args=[root.pk])}?{other.query()}"


def _left_out(covered: MapCoverage) -> str:
    """Units that have a vector and yet no point, in words."""
    told = (
        (covered.unplaced, "not placed yet"),
        (covered.left, "left since this map was computed"),
    )
    return " · ".join(f"{number:,} {words}" for number, words in told if number)


def _status(reduction: Reduction, active: Embedding) -> str:
    made = reduction.finished_at
    when = f" · {made.day} {made:%b, %H:%M}" if made else ""
    run, ended = active.run, active.ended
    next_one = f" · version {run.version} is being computed" if run else ""
    if ended and ended.current_state == ReductionState.FAILED:
        next_one = f" · version {ended.version} could not be computed: {ended.reason}"
    return f"{reduction.get_method_display()} · version {reduction.version}{when}{next_one}"


def _comparison(root: Folder, reduction: Reduction) -> str:
    """Where the map is laid beside the version before it, until one of them is discarded."""
    if earlier_version(reduction) is None:
        return ""
    return reverse("map-compare", args=[root.pk, reduction.pk])


def _query(reduction: Reduction, state: ExplorerState) -> str:
    """The points that the search starts from, by ordinal."""
    units = [*([] if state.similar is None else [state.similar]), *state.plus, *state.minus]
    if not units:
        return ""
    return ",".join(map(str, sorted(ordinals_of(reduction, units).values())))
