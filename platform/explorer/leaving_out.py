"""*Exclude*: states that no longer show what was selected.

Units that were picked leave by their ids. Everything that matches leaves by the opposite of what it
matches: the threshold of the search, or else the filter.
"""

from collections.abc import Iterable

from core.errors import FieldError, InvalidInput
from explorer.conjuncts import Tree, join, parts_of, with_part
from explorer.constants import MAX_LEFT_OUT
from explorer.state import ExplorerState
from folders import filters

_FIELD = "unit"


def without_units(state: ExplorerState, units: Iterable[int]) -> ExplorerState:
    """The state that also leaves out these units; all of them share one condition.

    Raises:
        InvalidInput: there are too many for an address.
    """
    earlier = [part for part in parts_of(state.filter) if _leaves_out(part)]
    others = [part for part in parts_of(state.filter) if not _leaves_out(part)]
    left_out = list(dict.fromkeys([*(u for part in earlier for u in part["value"]), *units]))
    if len(left_out) > MAX_LEFT_OUT:
        message = (
            f"Up to {MAX_LEFT_OUT:,} units can be left out one by one; these make "
            f"{len(left_out):,}. Add them to a collection, and leave that out."
        )
        error = FieldError("units", message, "too_many", expected=f"up to {MAX_LEFT_OUT}")
        raise InvalidInput(message, code="too_many", errors=[error])
    leaf = {"field": _FIELD, "op": "not_in", "value": left_out}
    return state.changed(filter=join([*others, leaf]))


def without_matching(state: ExplorerState) -> ExplorerState:
    """The state that shows what this one does not.

    Within a similarity search that has a threshold, these are the units beyond it, under the same
    filter; else those that the filter does not match.

    Raises:
        InvalidInput: all units match.
    """
    near = _near(state)
    if near is not None:
        return state.changed(filter=with_part(state.filter, {"not": near}), distance=None)
    parts = parts_of(state.filter)
    if not parts:
        raise InvalidInput("Every unit is selected, so nothing would be left to show.")
    return state.changed(filter=join([_opposite(parts)]))


def without_part(state: ExplorerState, part: Tree) -> ExplorerState:
    """The state without those of its units for which one more condition holds."""
    return state.changed(filter=with_part(state.filter, _opposite(parts_of(part))))


def _leaves_out(part: Tree) -> bool:
    return part.get("field") == _FIELD and part.get("op") == "not_in"


def _opposite(parts: list[Tree]) -> Tree:
    if len(parts) != 1:
        return {"not": {"all": parts}}
    return parts[0]["not"] if "not" in parts[0] else {"not": parts[0]}


def _near(state: ExplorerState) -> Tree | None:
    """The threshold of the search as a condition."""
    if not state.is_search or state.distance is None:
        return None
    value = {
        "key": state.embedding,
        "plus": [unit for unit in (state.similar, *state.plus) if unit is not None],
        "minus": list(state.minus),
        "vector": state.vector,
        "threshold": state.distance,
    }
    return filters.parse({"field": "distance", "op": "lte", "value": value}).to_json()
