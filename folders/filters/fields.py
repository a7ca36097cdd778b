"""Kinds of fields: which operators they know, and what SQL those become."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from folders.filters import values
from folders.filters.nodes import Leaf
from folders.filters.values import Check, wrong

if TYPE_CHECKING:
    from folders.filters.compile import FilterContext

NOTHING = Q(pk__in=())
_LOOKUPS = {
    "eq": Exact,
    "gt": GreaterThan,
    "gte": GreaterThanOrEqual,
    "lt": LessThan,
    "lte": LessThanOrEqual,
}


class FieldType:
    """What a field of the grammar can do; apps above register theirs with `register_field`.

    `ops` maps each operator to the check of its value; None takes any JSON value, which `compile`
    then checks. A field that `takes_key` is written `prefix.key`.
    """

    takes_key = False

    def __init__(self, ops: Mapping[str, Check | None]) -> None:
        self.ops = dict(ops)

    def check(self, leaf: Leaf, path: str) -> Leaf:
        """The leaf with its value in the one form of equal values.

        Raises:
            InvalidInput: the field has no such operator, or the value is wrong.
        """
        if leaf.op not in self.ops:
            message = f"“{leaf.field}” cannot be compared by “{leaf.op}”."
            raise wrong(f"{path}.op", message, expected=", ".join(self.ops), found=leaf.op)
        check = self.ops[leaf.op]
        return replace(leaf, value=check(leaf.value, f"{path}.value")) if check else leaf

    def compile(self, leaf: Leaf, context: "FilterContext", path: str) -> Q:
        """The condition on units.

        Raises:
            InvalidInput: the value does not fit what is stored, e.g. the type of a key.
        """
        raise NotImplementedError


def comparisons(check: Check, *, order: bool = False, exists: bool = False) -> dict[str, Check]:
    """The checks of the usual operators on values of one kind."""
    ops: dict[str, Check] = {
        "eq": check,
        "ne": check,
        "in": values.several(check),
        "not_in": values.several(check),
    }
    if order:
        ops |= dict.fromkeys(("gt", "gte", "lt", "lte"), check)
        ops["between"] = values.pair(check)
    if exists:
        ops["exists"] = values.boolean
    return ops


class ColumnField(FieldType):
    """A column of the unit or of its item.

    `ne` and `not_in` hold where there is a value, and it is another; `{"not": …}` also holds where
    there is none.
    """

    def __init__(self, column: str, ops: Mapping[str, Check | None]) -> None:
        super().__init__(ops)
        self.column = column

    def compile(self, leaf: Leaf, context: "FilterContext", path: str) -> Q:
        """The condition on the column."""
        if leaf.op == "exists":
            return Q(**{f"{self.column}__isnull": not leaf.value})
        present = Q(**{f"{self.column}__isnull": False})
        match leaf.op:
            case "ne":
                return present & ~self.compare("eq", leaf.value)
            case "not_in":
                return present & ~self.compare("in", leaf.value)
            case _:
                return self.compare(leaf.op, leaf.value)

    def compare(self, op: str, value: Any) -> Q:
        """A comparison other than its negation."""
        lookup = {"eq": "exact", "between": "range", "contains": "icontains"}.get(op, op)
        return Q(**{f"{self.column}__{lookup}": value})


class IntegerField(ColumnField):
    """A column of whole numbers, compared with any number."""

    def compare(self, op: str, value: Any) -> Q:
        """Ends between two whole numbers are moved to the one that keeps the meaning."""
        match op:
            case "eq":
                return super().compare("eq", value) if isinstance(value, int) else NOTHING
            case "in":
                return super().compare("in", [part for part in value if isinstance(part, int)])
            case "between":
                return self.compare("gte", value[0]) & self.compare("lte", value[1])
            case "gt" | "lte":
                end = math.floor(value)
            case _:
                end = math.ceil(value)
        # An end beyond what the column can hold makes Django leave the comparison out.
        return Q(**{f"{self.column}__isnull": False}) & super().compare(op, end)


class ComputedField(FieldType):
    """A number that is computed from columns of the item; there is none where one is missing."""

    def __init__(self, expression: Any) -> None:
        super().__init__(comparisons(values.number, order=True, exists=True))
        self._expression = expression
        self._present = IsNull(expression, False)  # noqa: FBT003

    def compile(self, leaf: Leaf, context: "FilterContext", path: str) -> Q:
        """The condition on the number; false, and not unknown, where there is none."""
        match leaf.op:
            case "exists":
                return Q(self._present) if leaf.value else ~Q(self._present)
            case "ne":
                return Q(self._present) & ~Q(self._compare("eq", leaf.value))
            case "not_in":
                return Q(self._present) & ~self._any(leaf.value)
            case "in":
                return Q(self._present) & self._any(leaf.value)
            case "between":
                low, high = (
                    self._compare(*end) for end in zip(("gte", "lte"), leaf.value, strict=True)
                )
                return Q(self._present) & Q(low) & Q(high)
            case op:
                return Q(self._present) & Q(self._compare(op, leaf.value))

    def _any(self, wanted: list[Any]) -> Q:
        found = [Q(self._compare("eq", value)) for value in wanted]
        return Q(*found, _connector=Q.OR) if found else NOTHING

    def _compare(self, op: str, value: Any) -> Any:
        return _LOOKUPS[op](self._expression, float(value))


class FolderField(FieldType):
    """The folder of the unit, subfolders included."""

    def __init__(self) -> None:
        super().__init__(comparisons(values.uuid))

    def compile(self, leaf: Leaf, context: "FilterContext", path: str) -> Q:
        """The condition on the folder's path."""
        wanted = leaf.value if isinstance(leaf.value, list) else [leaf.value]
        paths = context.folder_paths(wanted)
        for place, folder in enumerate(wanted):
            if folder not in paths:
                at = f"{path}.value.{place}" if isinstance(leaf.value, list) else f"{path}.value"
                message = "There is no such folder, or you have no access to it."
                raise wrong(at, message, found=folder)
        within = Q(*(Q(folder__path__startswith=p) for p in paths.values()), _connector=Q.OR)
        return ~within if leaf.op in ("ne", "not_in") else within
