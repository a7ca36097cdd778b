"""What a control of the rail says at present: the reverse of explorer.edits."""

from dataclasses import dataclass
from typing import Any

from explorer.conjuncts import Tree, leaves_of
from explorer.controls import Control, ControlKind


@dataclass(frozen=True, slots=True)
class Reading:
    """The present values of a control; what it does not use is empty."""

    values: frozenset[str] = frozenset()
    low: Any = None
    high: Any = None
    text: str = ""
    has: bool | None = None

    @property
    def is_set(self) -> bool:
        """Whether the control limits what is shown."""
        return self != Reading()


def read(control: Control, tree: Tree | None) -> Reading:
    """What the filter says in the form that this control can show."""
    leaves = leaves_of(tree, control.field)
    match control.kind:
        case ControlKind.HAS:
            said = _value(leaves, "exists")
            return Reading(has=said if isinstance(said, bool) else None)
        case ControlKind.CHECKS:
            said = [*(_value(leaves, "in") or []), *_values(leaves, "eq")]
            return Reading(values=frozenset(map(as_text, said)))
        case ControlKind.RANGE:
            ends = _ends(leaves)
            return Reading(low=ends["low"], high=ends["high"])
        case ControlKind.DATES:
            days = {name: end and str(end)[:10] for name, end in _ends(leaves).items()}
            return Reading(low=days["low"], high=days["high"])
        case ControlKind.TEXT:
            return Reading(text=str(_value(leaves, "contains") or ""))
        case ControlKind.EXACT:
            return Reading(text=str(_value(leaves, "eq") or ""))


def as_text(value: Any) -> str:
    """A value as forms send it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _values(leaves: list[Tree], op: str) -> list[Any]:
    return [leaf["value"] for leaf in leaves if leaf["op"] == op]


def _value(leaves: list[Tree], op: str) -> Any:
    return next(iter(_values(leaves, op)), None)


def _ends(leaves: list[Tree]) -> dict[str, Any]:
    between = _value(leaves, "between")
    if between is not None:
        return {"low": between[0], "high": between[1]}
    return {"low": _value(leaves, "gte"), "high": _value(leaves, "lte")}
