"""Changes of the state that plain forms of the page ask for.

A form sends the state that it was drawn with and its own controls beside it; the answer is the
state that results. So the rail, the find box and the map work through ordinary addresses.

    rail=<field>               the form holds this field's control, with
      is:<field>=<value>         one ticked value (again for each)
      min:<field>=, max:<field>= ends of a range or of a span of days
      bounds:<field>=<lo> <hi>   ends of the slider: a value there is no condition
      has:<field>=true|false     vectors: has one, has none; absent or empty is any
      like:<field>=<text>        a part of a text, or a whole identifier
    part=<JSON leaf>           one more condition, e.g. a region of the map
    more=<unit>, less=<unit>   one more example of the similarity search, to be like or unlike
"""

import json
import math
from collections.abc import Iterable
from typing import Any

from django.http import QueryDict

from core.errors import FieldError, InvalidInput
from explorer.conjuncts import Tree, parts_of, with_leaves, with_part
from explorer.controls import Control, ControlKind, by_field
from explorer.state import ExplorerState
from folders import filters

_END_OF_DAY = "T23:59:59.999999+00:00"


def has_edits(query: QueryDict) -> bool:
    """Whether the address asks for a change, so that it is not yet the address of a state."""
    return any(name in query for name in ("rail", "part", "more", "less"))


def apply_edits(
    state: ExplorerState, query: QueryDict, controls: Iterable[Control]
) -> ExplorerState:
    """The state after the changes that the form asks for; unknown fields change nothing.

    Raises:
        InvalidInput: a value cannot be read, or the filter that results is wrong.
    """
    known = by_field(controls)
    tree = state.filter
    for field in dict.fromkeys(query.getlist("rail")):
        if field in known:
            tree = with_leaves(tree, field, _leaves(known[field], query))
    for text in query.getlist("part"):
        for part in parts_of(_parsed(text)):
            tree = with_part(tree, part)
    if tree is not None:
        filters.parse(tree)
    return _with_examples(state.changed(filter=tree), query)


def _with_examples(state: ExplorerState, query: QueryDict) -> ExplorerState:
    """The state whose search has further examples; one that is on the other side changes sides."""
    for name, own, other in (("more", "plus", "minus"), ("less", "minus", "plus")):
        for text in query.getlist(name):
            if not (text.isascii() and text.isdigit() and len(text) < 19):
                message = f"“{text[:40]}” is not the id of a unit."
                raise InvalidInput(message, errors=[FieldError(path=name, message=message)])
            state = _with_example(state, int(text), own, other)
    return state


def _with_example(state: ExplorerState, unit: int, own: str, other: str) -> ExplorerState:
    if state.similar is None and own == "plus" and not state.is_search:
        return state.changed(similar=unit)
    mine = tuple(dict.fromkeys((*getattr(state, own), unit)))
    theirs = tuple(one for one in getattr(state, other) if one != unit)
    if unit == state.similar:
        # The first example goes over to the others, if there is another one to be like.
        if own == "plus" or not (state.plus or state.vector):
            return state
        first, *rest = state.plus or (None,)
        kept = {"farthest": state.farthest, "roll_up": state.roll_up, "vector": state.vector}
        return state.changed(similar=first, plus=tuple(rest), minus=mine, **kept)
    return state.changed(**{own: mine, other: theirs})


def _leaves(control: Control, query: QueryDict) -> list[Tree]:
    field = control.field
    match control.kind:
        case ControlKind.HAS:
            said = query.get(f"has:{field}", "")
            wanted = {"true": True, "false": False}.get(said)
            return [] if wanted is None else [_leaf(field, "exists", wanted)]
        case ControlKind.CHECKS:
            values = [_typed(control, value) for value in query.getlist(f"is:{field}")]
            return [_leaf(field, "in", values)] if values else []
        case ControlKind.RANGE:
            return _span(field, *_ends(field, query))
        case ControlKind.DATES:
            first, last = (query.get(f"{end}:{field}", "") for end in ("min", "max"))
            return _span(field, first or None, last + _END_OF_DAY if last else None)
        case ControlKind.TEXT:
            text = query.get(f"like:{field}", "").strip()
            return [_leaf(field, "contains", text)] if text else []
        case ControlKind.EXACT:
            text = query.get(f"like:{field}", "").strip()
            return [_leaf(field, "eq", text)] if text else []


def _leaf(field: str, op: str, value: Any) -> Tree:
    return {"field": field, "op": op, "value": value}


def _typed(control: Control, value: str) -> Any:
    return value == "true" if control.is_boolean else value


def _span(field: str, low: Any, high: Any) -> list[Tree]:
    if low is not None and high is not None:
        return [_leaf(field, "between", [low, high])]
    if low is not None:
        return [_leaf(field, "gte", low)]
    return [] if high is None else [_leaf(field, "lte", high)]


def _ends(field: str, query: QueryDict) -> tuple[float | None, float | None]:
    low, high = (_number(f"{end}:{field}", query) for end in ("min", "max"))
    bounds = query.get(f"bounds:{field}", "").split()
    if len(bounds) == 2:
        # A slider that stands at its end asks for nothing, also from units that come later.
        least, most = (float(end) if _is_number(end) else math.nan for end in bounds)
        low = None if low is not None and low <= least else low
        high = None if high is not None and high >= most else high
    if low is not None and high is not None and low > high:
        low, high = high, low
    return low, high


def _number(name: str, query: QueryDict) -> float | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    if not _is_number(text):
        message = f"“{text[:40]}” is not a number."
        raise InvalidInput(message, errors=[FieldError(path=name, message=message)])
    return float(text)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _parsed(text: str) -> Tree | None:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        tree = None
    if not isinstance(tree, dict):
        message = "The condition is not a JSON object."
        raise InvalidInput(message, errors=[FieldError(path="part", message=message)])
    return filters.parse(tree).to_json()
