"""What a search starts from, as the REST API takes it."""

from typing import Any

from rest_framework import serializers

from core.errors import FieldError, InvalidInput
from embeddings.api.vector_fields import VectorField
from embeddings.search import Blend, Example, UnitExample, VectorExample
from embeddings.search.examples import MAX_EXAMPLES
from embeddings.vector_text import VectorTextError, decode_vector

_VECTOR = "A list of numbers; or base64 of its float32 values, or of an .npy file."


class ExampleSerializer(serializers.Serializer[Any]):
    """A unit, or a vector."""

    unit = serializers.IntegerField(
        required=False, min_value=0, max_value=2**63 - 1, help_text="Id of a unit."
    )
    vector = VectorField(required=False, help_text=_VECTOR)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of them."""
        if ("unit" in attrs) == ("vector" in attrs):
            raise serializers.ValidationError("Give either a unit or a vector.")
        return attrs


class ExamplesSerializer(serializers.Serializer[Any]):
    """One example, or several that hits shall be like and unlike."""

    unit = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**63 - 1,
        help_text="Search near this unit's vector.",
    )
    vector = VectorField(required=False, help_text=f"Search near this vector. {_VECTOR}")
    plus = ExampleSerializer(
        many=True,
        required=False,
        help_text=f"Search near the mean of several, up to {MAX_EXAMPLES} with minus.",
    )
    minus = ExampleSerializer(
        many=True, required=False, help_text="And away from the mean of these."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One way of saying it."""
        if sum(name in attrs for name in ("unit", "vector", "plus")) != 1:
            raise serializers.ValidationError("Give either a unit, a vector, or plus.")
        if "minus" in attrs and "plus" not in attrs:
            raise serializers.ValidationError("Give plus as well as minus.")
        return attrs


def examples_of(asked: dict[str, Any]) -> Example:
    """What checked data of ExamplesSerializer say to search near.

    Raises:
        InvalidInput: a vector is neither a list nor letters of one.
    """
    if "plus" not in asked:
        return _example(asked, "")
    plus, minus = (
        tuple(_example(one, f"{name}.{place}.") for place, one in enumerate(asked.get(name, [])))
        for name in ("plus", "minus")
    )
    return Blend(plus=plus, minus=minus)


def _example(asked: dict[str, Any], path: str) -> UnitExample | VectorExample:
    if "unit" in asked:
        return UnitExample(asked["unit"])
    vector, message = asked["vector"], "A vector is a list of numbers, or text of base64."
    if isinstance(vector, list):
        return VectorExample(vector)
    if isinstance(vector, str):
        try:
            return VectorExample(decode_vector(vector))
        except VectorTextError as error:
            message = str(error)
    raise InvalidInput(
        message, errors=[FieldError(f"{path}vector", message, "not_a_vector", _VECTOR)]
    )
