"""A filter tree as the list of conditions that must all hold: what chips and rail work on.

The Explorer keeps its filter in one shape, {"all": [part, …]}; None is no filter. A part is a leaf,
a negated leaf, or a whole group that the rail leaves alone.
"""

from collections.abc import Iterable
from typing import Any

Tree = dict[str, Any]


def parts_of(tree: Tree | None) -> list[Tree]:
    """The conditions that must all hold."""
    if tree is None:
        return []
    return list(tree["all"]) if set(tree) == {"all"} else [tree]


def join(parts: Iterable[Tree]) -> Tree | None:
    """The tree in which all parts hold."""
    joined = list(parts)
    return {"all": joined} if joined else None


def fields_of(part: Tree) -> set[str]:
    """Names of all fields that the part asks about."""
    if "field" in part:
        return {part["field"]}
    if "not" in part:
        return fields_of(part["not"])
    inner = part.get("all") or part.get("any") or []
    return set().union(*map(fields_of, inner))


def without_field(tree: Tree | None, field: str) -> Tree | None:
    """The tree without the parts that ask about this field alone."""
    return join(part for part in parts_of(tree) if fields_of(part) != {field})


def without_part(tree: Tree | None, index: int) -> Tree | None:
    """The tree without the part at this place."""
    return join(part for place, part in enumerate(parts_of(tree)) if place != index)


def with_part(tree: Tree | None, part: Tree) -> Tree | None:
    """The tree with one more condition at its end; one that stands there already is not doubled."""
    parts = parts_of(tree)
    return join(parts if part in parts else [*parts, part])


def with_leaves(tree: Tree | None, field: str, leaves: list[Tree]) -> Tree | None:
    """The tree with the plain leaves of a field replaced, in place of the first of them.

    Negated leaves and groups that ask about the field stay as they are.
    """
    parts = parts_of(tree)
    places = [i for i, part in enumerate(parts) if part.get("field") == field]
    place = places[0] if places else len(parts)
    kept = [part for part in parts[:place] if part.get("field") != field]
    rest = [part for part in parts[place:] if part.get("field") != field]
    return join([*kept, *leaves, *rest])


def leaves_of(tree: Tree | None, field: str) -> list[Tree]:
    """The plain leaves of a field among the conditions."""
    return [part for part in parts_of(tree) if part.get("field") == field]
