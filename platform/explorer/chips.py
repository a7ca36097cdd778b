"""The filter in words: one chip for each condition, with the address that takes it away."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from embeddings.models import Reduction
from explorer.conjuncts import Tree, fields_of, parts_of, without_part
from explorer.controls import Control, Section, by_field
from explorer.menus import is_named
from explorer.readings import as_text
from explorer.state import ExplorerState

_OPERATORS = {
    "eq": "is",
    "ne": "is",
    "in": "is",
    "not_in": "is",
    "contains": "contains",
    "gt": "more than",
    "gte": "at least",
    "lt": "less than",
    "lte": "at most",
    "between": "from",
    "exists": "exists is",
    "zero": "all zeros is",
    "within": "in",
}
_NEGATIVE = {"ne", "not_in"}
_VALUES_NAMED = 3


@dataclass(frozen=True, slots=True)
class Chip:
    """`Custom Embeddings clip_vit_b32 is True`: a bold name, the rest of the words, the value."""

    name: str
    words: str
    value: str
    remove: str
    negated: bool = False
    # The collection that the chip alone names, so that units can be taken out of it.
    collection: str = ""
    colour: int = 0


def chips_of(state: ExplorerState, controls: Iterable[Control]) -> list[Chip]:
    """Chips of all conditions in their order, the similarity search last."""
    known = by_field(controls)
    chips = []
    for place, part in enumerate(parts_of(state.filter)):
        rest = state.changed(filter=without_part(state.filter, place)).query()
        chips.append(_chip(part, known, rest))
    if state.is_search:
        words, value = _examples(state), ""
        if state.distance is not None:
            words, value = f"{words}, Distance ≤", f"{state.distance:.4g}"
        rest = state.changed(similar=None).query()
        chips.append(Chip("Similarity Search", words, value, rest))
    return chips


def map_chip(
    state: ExplorerState, shown: Reduction | None, newest: Reduction | None
) -> Chip | None:
    """That another version of the map is shown than the newest; None where it is that, or no map
    was asked for.
    """
    if not state.map or shown is None or newest is None:
        return None
    rest = state.changed(map="").query()
    if not is_named(state, shown):
        return Chip("Map", "of the link is gone, this is", f"version {newest.version}", rest)
    if shown == newest:
        return None
    return Chip("Map", "version", f"{shown.version} of {newest.version}", rest)


def _examples(state: ExplorerState) -> str:
    """How many there are: “1 example”, “2 plus, 1 minus”."""
    plus = (state.similar is not None) + len(state.plus) + bool(state.vector)
    if plus == 1 and not state.minus:
        return "1 example"
    return f"{plus} plus, {len(state.minus)} minus" if state.minus else f"{plus} examples"


def _chip(part: Tree, known: dict[str, Control], rest: str) -> Chip:
    negated = "not" in part
    leaf = part["not"] if negated else part
    if "field" not in leaf and fields_of(leaf) == {"map"}:
        return Chip("Map selection", "in", "a region of several parts", rest, negated)
    if "field" not in leaf:
        conditions = len(leaf.get("all") or leaf.get("any") or [])
        how = "all of" if "all" in leaf else "any of"
        names = ", ".join(sorted(_name(field, known) for field in fields_of(leaf)))
        return Chip("Group", f"{how} {conditions} conditions on", names, rest, negated)
    op = leaf["op"]
    control = known.get(leaf["field"])
    operator = _OPERATORS.get(op, op)
    if leaf["field"] == "map":
        return Chip("Map selection", operator, _region(leaf["value"]), rest, negated)
    if leaf["field"] == "unit":
        return Chip("Units", "among", _picked(leaf["value"]), rest, negated ^ (op in _NEGATIVE))
    if leaf["field"] == "distance":
        return Chip("Distance", operator, _distance(leaf["value"]), rest, negated)
    if leaf["field"] == "collection" and op == "in" and len(leaf["value"]) == 1 and not negated:
        (one,) = leaf["value"]
        value, colour = _value(leaf, control), _colour(one, control)
        return Chip("Collection", operator, value, rest, collection=one, colour=colour)
    if leaf["field"] == "recipe":
        made = _value(leaf, known.get("collection"))
        return Chip("Recipe replayed", "of", made, rest, negated ^ (op in _NEGATIVE))
    negated ^= op in _NEGATIVE
    if control is not None and control.section == Section.EMBEDDINGS:
        words = f"{control.label} {'all zeros is' if op == 'zero' else 'is'}"
        return Chip(Section.EMBEDDINGS, words, str(leaf["value"]), rest, negated)
    return Chip(_name(leaf["field"], known), operator, _value(leaf, control), rest, negated)


def _name(field: str, known: dict[str, Control]) -> str:
    if field in known:
        return known[field].label
    return field.partition(".")[2] or field.replace("_", " ").capitalize()


def _value(leaf: Tree, control: Control | None) -> str:
    value = leaf["value"]
    if leaf["op"] == "between":
        return f"{_plain(value[0], control)} to {_plain(value[1], control)}"
    if not isinstance(value, list):
        return _plain(value, control)
    named = [_plain(one, control) for one in value[:_VALUES_NAMED]]
    more = len(value) - len(named)
    if more:
        return f"{', '.join(named)} or {more} more"
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _colour(collection: str, control: Control | None) -> int:
    options = control.options if control else ()
    return next((one.colour for one in options if one.value == collection), 0)


def _plain(value: Any, control: Control | None) -> str:
    labels = {option.value: option.label for option in control.options} if control else {}
    text = as_text(value)
    if text in labels:
        return labels[text]
    if isinstance(value, float):
        return f"{value:.4g}"
    # Days are enough of a time in a chip.
    return text[:10] if control and control.kind == "dates" else text


def _picked(value: Any) -> str:
    """Ids of units tell nobody anything; how many they are does."""
    return f"{len(value) if isinstance(value, list) else 1:,} selected"


def _region(value: dict[str, Any]) -> str:
    if "selection" in value:
        return "a region of the map as it formed"
    if "polygon" in value:
        return f"a region of {len(value['polygon'])} corners"
    return "a rectangle"


def _distance(value: dict[str, Any]) -> str:
    """“0.386 from 2 examples, 1 minus, under clip”; any distance, where there is no threshold."""
    plus = len(value["plus"]) + bool(value["vector"])
    examples = f"{plus} example{'' if plus == 1 else 's'}"
    minus = f", {len(value['minus'])} minus," if value["minus"] else ""
    far = "any" if value["threshold"] is None else f"{value['threshold']:.4g}"
    return f"{far} from {examples}{minus} under {value['key']}"
