"""Presets as states of the Explorer: a search is the last condition on `distance` of their filter.

Order, view and sizes stay as whoever applies a preset has them.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q

from accounts.actor import Actor
from collections_app.models import Preset
from core.errors import InvalidInput
from explorer.conjuncts import Tree, join, parts_of
from explorer.state import ExplorerState
from folders.models import Folder

# Entries of the menu; the dialog lists all.
MAX_OFFERED = 100

_EVERYTHING: Tree = {"all": []}


@dataclass(frozen=True, slots=True)
class PresetEntry:
    """A preset in the menu: the state that it leads to, and whether that is the present one."""

    preset: Preset
    query: str
    is_current: bool
    is_mine: bool


def state_with(state: ExplorerState, tree: Tree) -> ExplorerState:
    """The state with the filter and the search of a preset in place of its own."""
    parts = parts_of(tree)
    places = [place for place, part in enumerate(parts) if _is_search(part)]
    bare = state.changed(filter=None, similar=None)
    if not places:
        return bare.changed(filter=join(parts))
    value = parts.pop(places[-1])["value"]
    kept = state.map if value["key"] == state.embedding else ""
    first, *rest = value["plus"] or [None]
    return bare.changed(
        filter=join(parts),
        embedding=value["key"],
        similar=first,
        plus=tuple(rest),
        minus=tuple(value["minus"]),
        vector=value["vector"],
        distance=value["threshold"],
        map=kept,
    )


def preset_menu(actor: Actor, root: Folder, state: ExplorerState) -> dict[str, Any]:
    """The context of the menu: presets that the actor may apply, his own first, each by name."""
    mine = ExpressionWrapper(Q(created_by=actor.user), output_field=BooleanField())
    seen = Preset.objects.visible_to(actor).filter(root=root).select_related("created_by")
    own_first = (mine.desc(nulls_last=True), "name", "pk")
    present = _present(state)
    entries = [
        PresetEntry(
            preset=preset,
            query=state_with(state, preset.filter or _EVERYTHING).query(),
            is_current=join(parts_of(preset.filter)) == present,
            is_mine=preset.created_by_id == actor.user.pk,
        )
        for preset in seen.order_by(*own_first)[:MAX_OFFERED]
    ]
    current = next((entry.preset.name for entry in entries if entry.is_current), "")
    return {"presets": entries, "current_preset": current}


def _present(state: ExplorerState) -> Tree | None:
    """What the state would be saved as; None where it cannot be carried out."""
    try:
        return join(parts_of(state.matching.tree()))
    except InvalidInput:
        return None


def _is_search(part: Tree) -> bool:
    return part.get("field") == "distance" and part.get("op") == "lte"
