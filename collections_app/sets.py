"""Operations on collections as filters, so that they count, add and replay as filters do."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from collections_app.choices import Operation

Tree = dict[str, Any]


def tree_of(operation: Operation, collections: Sequence[UUID]) -> Tree:
    """The filter that leaves what the operation makes of the collections, in their order."""
    first, *others = map(str, collections)
    match operation:
        case Operation.COPY | Operation.UNION:
            return _leaf("in", [first, *others])
        case Operation.INTERSECTION:
            return {"all": [_leaf("in", [one]) for one in (first, *others)]}
        case Operation.DIFFERENCE:
            return {"all": [_leaf("in", [first]), _leaf("not_in", others)]}


def collections_in(tree: Tree | None) -> list[str]:
    """Ids of the collections that a filter names, in its order, each once."""
    return list(dict.fromkeys(_named(tree)))


def _named(tree: Tree | None) -> list[str]:
    if tree is None:
        return []
    if "field" in tree:
        value = tree["value"]
        is_one = tree["field"] in ("collection", "recipe")
        return [*(value if isinstance(value, list) else [value])] if is_one else []
    parts = [tree["not"]] if "not" in tree else tree.get("all") or tree.get("any") or []
    return [one for part in parts for one in _named(part)]


def _leaf(op: str, ids: list[str]) -> Tree:
    return {"field": "collection", "op": op, "value": ids}
