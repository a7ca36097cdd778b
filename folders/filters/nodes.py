"""The typed nodes of a filter.

Node
├── All    every part holds; without parts it always does
├── Any    some part holds; without parts none does
├── Not    the part does not hold
└── Leaf   one condition on one field
"""

from dataclasses import dataclass
from typing import Any as AnyValue

Tree = dict[str, AnyValue]


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: "tuple[Node, ...]"

    def to_json(self) -> Tree:
        """The node as JSON."""
        return {"all": [part.to_json() for part in self.parts]}


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: "tuple[Node, ...]"

    def to_json(self) -> Tree:
        """The node as JSON."""
        return {"any": [part.to_json() for part in self.parts]}


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Node"

    def to_json(self) -> Tree:
        """The node as JSON."""
        return {"not": self.part.to_json()}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition; `value` is JSON, in the form that its field gives all equal values."""

    field: str
    op: str
    value: AnyValue

    def to_json(self) -> Tree:
        """The node as JSON."""
        return {"field": self.field, "op": self.op, "value": self.value}

    @property
    def key(self) -> str:
        """What follows the prefix: `label` of `metadata.label`."""
        return self.field.partition(".")[2]


Node = All | Any | Not | Leaf
