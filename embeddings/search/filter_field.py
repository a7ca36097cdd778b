"""The field `distance` of the filter grammar: units on one side of a distance from examples.

    {"field": "distance", "op": "lte", "value": {"key": "clip", "plus": [7], "threshold": 0.4}}
    {"field": "distance", "op": "gt", "value": {"key": "clip", "plus": [7, 9], "minus": [12],
                                                "vector": "<base64 of float32>", "threshold": 0.4}}
    {"field": "distance", "op": "lte", "value": {"key": "clip", "plus": [7], "threshold": null}}

The last is a search without a threshold: whatever has a distance. Examples make a query as in
embeddings.search.examples, `vector` being one more plus. Distances are those of a search of the
whole root folder, so that filters beside this one do not change it. Units without a distance match
none of the operators; they match a negation.
"""

import operator
from typing import Any

import numpy as np
from django.db.models import Q

from core.errors import DomainError
from embeddings.search.examples import MAX_EXAMPLES, Blend, UnitExample, VectorExample
from embeddings.search.within import Compare, units_compared
from embeddings.values import read_vector
from embeddings.vector_text import VectorTextError, decode_vector, encode_vector
from folders.choices import KeyType
from folders.filters import FieldType, FilterContext, Leaf
from folders.filters.expressions import AnyOf
from folders.filters.values import number, text, wrong

_COMPARE: dict[str, Compare] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
# The largest number that filters take; no distance is farther.
_FARTHEST = 1e300
_PARTS = {"key", "plus", "minus", "vector", "threshold"}
_EXPECTED = "key, threshold, and examples: plus, minus, vector"


class DistanceField(FieldType):
    """How far a unit is from examples."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(_COMPARE, _read_value) | {"lte": _read_open_value})

    def compile(self, leaf: Leaf, context: FilterContext, path: str) -> Q:
        """Units that the search finds on this side of the threshold.

        Raises:
            InvalidInput: the schema has no such key, or the examples make no query under it.
        """
        asked = leaf.value
        key = context.keys.get(asked["key"])
        if key is None or key.type != KeyType.EMBEDDING:
            message = f"The schema has no embedding key “{asked['key']}”."
            raise wrong(f"{path}.value.key", message, found=asked["key"])
        try:
            found = units_compared(
                actor=context.actor,
                root=context.root,
                key=key,
                query=_examples(asked),
                compare=_COMPARE[leaf.op],
                threshold=_FARTHEST if asked["threshold"] is None else asked["threshold"],
            )
        except DomainError as error:
            # A stored filter outlives its examples: whoever uses it is told which part to change.
            raise wrong(f"{path}.value", error.message) from error
        return Q(AnyOf(found.tolist()))


def _examples(asked: dict[str, Any]) -> Blend:
    plus: list[UnitExample | VectorExample] = [UnitExample(unit) for unit in asked["plus"]]
    if asked["vector"]:
        plus.append(VectorExample(decode_vector(asked["vector"])))
    return Blend(tuple(plus), tuple(UnitExample(unit) for unit in asked["minus"]))


def _read_open_value(value: Any, path: str) -> dict[str, Any]:
    """The value, whose threshold may be null."""
    if isinstance(value, dict) and "threshold" in value and value["threshold"] is None:
        return _read_value(value | {"threshold": _FARTHEST}, path) | {"threshold": None}
    return _read_value(value, path)


def _read_value(value: Any, path: str) -> dict[str, Any]:
    """The value in its one form: all parts, each unit once, the vector as letters."""
    if not isinstance(value, dict):
        raise wrong(path, "A distance is from examples.", expected=_EXPECTED, found=value)
    unknown = value.keys() - _PARTS
    if unknown:
        message = "A distance has no such part."
        raise wrong(path, message, expected=_EXPECTED, found=min(unknown))
    read = {
        "key": text(value.get("key"), f"{path}.key"),
        "plus": _units(value.get("plus"), f"{path}.plus"),
        "minus": _units(value.get("minus"), f"{path}.minus"),
        "vector": _vector(value.get("vector"), f"{path}.vector"),
        "threshold": float(number(value.get("threshold"), f"{path}.threshold")),
    }
    if not read["plus"] and not read["vector"]:
        message = "Give at least one example that units shall be near to."
        raise wrong(path, message, expected=_EXPECTED)
    return read


def _units(value: Any, path: str) -> list[int]:
    ids = [] if value is None else value
    if not isinstance(ids, list) or len(ids) > MAX_EXAMPLES:
        expected = f"a list of up to {MAX_EXAMPLES} ids of units"
        raise wrong(path, "These are no units.", expected=expected, found=value)
    for place, unit in enumerate(ids):
        if type(unit) is not int or not 0 <= unit < 2**63:
            raise wrong(f"{path}.{place}", "This is no id of a unit.", found=unit)
    return list(dict.fromkeys(ids))


def _vector(value: Any, path: str) -> str:
    if value is None or value == "":
        return ""
    try:
        values = decode_vector(value) if isinstance(value, str) else value
    except VectorTextError as unread:
        raise wrong(path, str(unread), expected="numbers, or base64 of float32 values") from unread
    vector, error = read_vector(values, dimensions=None, path=path)
    if vector is None:
        raise wrong(error.path if error else path, error.message if error else "")
    return encode_vector(np.asarray(vector, dtype=np.float32))
