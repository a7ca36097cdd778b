"""Reads filters: the JSON tree into typed nodes, with every error and its place.

{"all": [node, …]}   {"any": [node, …]}   {"not": node}
{"field": "metadata.label", "op": "in", "value": ["3", "5"]}
"""

from typing import Any as AnyValue

from core.errors import FieldError, InvalidInput
from folders.filters.nodes import All, Any, Leaf, Node, Not
from folders.filters.registry import find_field
from folders.filters.values import wrong

MAX_DEPTH = 12
MAX_LEAVES = 500

_SHAPE = 'an object with "all", "any", "not", or "field", "op" and "value"'


def parse(tree: AnyValue) -> Node:
    """The filter that a JSON tree says.

    Raises:
        InvalidInput: naming every wrong place, as `all.0.value`.
    """
    parser = _Parser()
    node = parser.node(tree, "", 0)
    if parser.leaves > MAX_LEAVES:
        message = f"A filter has up to {MAX_LEAVES} conditions."
        parser.errors.append(FieldError("", message, "filter", found=str(parser.leaves)))
    if parser.errors or node is None:
        message = parser.errors[0].message if len(parser.errors) == 1 else "The filter is wrong."
        raise InvalidInput(message, code="invalid_filter", errors=parser.errors)
    return node


class _Parser:
    """Walks the tree once; errors are gathered, and what is wrong becomes None."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.leaves = 0

    def node(self, tree: AnyValue, path: str, depth: int) -> Node | None:
        """The node at a place, None when it is wrong."""
        try:
            return self._node(tree, path, depth)
        except InvalidInput as error:
            self.errors += error.errors
            return None

    def _node(self, tree: AnyValue, path: str, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            raise wrong(path, f"A filter is nested {MAX_DEPTH} deep, no deeper.")
        if not isinstance(tree, dict):
            raise wrong(path, "This is no condition.", expected=_SHAPE, found=tree)
        match tuple(sorted(tree, key=str)):
            case ("all",):
                return self._group(All, tree["all"], _at(path, "all"), depth)
            case ("any",):
                return self._group(Any, tree["any"], _at(path, "any"), depth)
            case ("not",):
                part = self.node(tree["not"], _at(path, "not"), depth + 1)
                return Not(part) if part is not None else None
            case ("field", "op", "value"):
                return self._leaf(tree, path)
            case names:
                found = ", ".join(str(name)[:40] for name in names[:5])
                raise wrong(path, "This is no condition.", expected=_SHAPE, found=found)

    def _group(
        self, group: type[All] | type[Any], parts: AnyValue, path: str, depth: int
    ) -> Node | None:
        if not isinstance(parts, list):
            raise wrong(path, "This is no list of conditions.", expected="a list", found=parts)
        nodes = [self.node(part, f"{path}.{n}", depth + 1) for n, part in enumerate(parts)]
        return group(tuple(node for node in nodes if node is not None))

    def _leaf(self, tree: dict[str, AnyValue], path: str) -> Leaf:
        self.leaves += 1
        for part in ("field", "op"):
            if not isinstance(tree[part], str):
                raise wrong(_at(path, part), "This is no text.", found=tree[part])
        leaf = Leaf(tree["field"], tree["op"], tree["value"])
        return find_field(leaf.field, path).check(leaf, path)


def _at(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
