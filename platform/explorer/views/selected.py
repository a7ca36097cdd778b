"""What a form says of the units it is about: ids that were picked, or all of a state."""

import re
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.actor import Actor
from collections_app.constants import MAX_PICKED_UNITS
from collections_app.matching import Matching
from core.errors import FieldError, InvalidInput
from explorer.conjuncts import Tree
from explorer.controls import controls_for
from explorer.edits import apply_edits
from explorer.query import count_units
from explorer.state import ExplorerState
from folders.models import Folder, Unit
from folders.querysets import UnitQuerySet

_UNIT_ID = re.compile("[0-9]{1,19}")


def picked_units(said: QueryDict) -> list[int]:
    """The ids in `units`, with commas between them.

    Raises:
        InvalidInput: there are too many, or they are no ids.
    """
    texts = [text for text in said.get("units", "").split(",") if text]
    message = ""
    if len(texts) > MAX_PICKED_UNITS:
        message = (
            f"Up to {MAX_PICKED_UNITS:,} units are picked by hand. For more, filter and select all."
        )
    elif not all(_UNIT_ID.fullmatch(text) for text in texts):
        message = "Units are named by their ids, with commas between them."
    if message:
        raise InvalidInput(message, errors=[FieldError("units", message)])
    return [int(text) for text in texts]


def selected_units(actor: Actor, root: Folder, said: QueryDict) -> UnitQuerySet:
    """The units themselves, as far as the actor sees them.

    Raises:
        InvalidInput: none is named.
    """
    matching = matching_units(actor, root, said)
    if matching is not None:
        return matching.units(actor=actor, root=root)
    picked = picked_units(said)
    if not picked:
        message = "Select some units first."
        raise InvalidInput(message, errors=[FieldError("units", message, "required")])
    return Unit.objects.visible_to(actor).filter(root=root, pk__in=picked)


def present_state(said: QueryDict) -> ExplorerState:
    """The state of the page in which they were selected."""
    return ExplorerState.from_query(QueryDict(said.get("matching", said.get("state", ""))))


def region_of(said: QueryDict) -> Tree | None:
    """The conditions of each `part`, by which all that matches is cut."""
    return apply_edits(ExplorerState(), QueryDict(_parts(said)), ()).filter


def fields_of(actor: Actor, root: Folder, said: QueryDict) -> dict[str, Any]:
    """What a dialog about the units shows and sends on: explorer/selected_fields.html."""
    return {
        "root": root,
        "count": count_selected(actor, root, said),
        "said": said,
        "is_matching": "matching" in said,
        "parts": said.getlist("part"),
    }


def matching_units(actor: Actor, root: Folder, said: QueryDict) -> Matching | None:
    """All units of the state that `matching` says, cut by each `part`; None where none is said."""
    state = _state(actor, root, said)
    return state.matching if state is not None else None


def count_selected(actor: Actor, root: Folder, said: QueryDict) -> int:
    """How many units the form is about."""
    state = _state(actor, root, said)
    if state is not None:
        return count_units(actor=actor, root=root, state=state)
    return len(picked_units(said))


def _parts(said: QueryDict) -> str:
    return urlencode([("part", part) for part in said.getlist("part")])


def _state(actor: Actor, root: Folder, said: QueryDict) -> ExplorerState | None:
    if "matching" not in said:
        return None
    state = ExplorerState.from_query(QueryDict(said.get("matching", "")))
    return apply_edits(state, said, controls_for(actor, root))
