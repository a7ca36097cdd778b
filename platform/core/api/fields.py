"""Fields of serializers that hold JSON."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.schema_parts import PROBLEM


@extend_schema_field({"type": "object", "additionalProperties": True})
class ObjectField(serializers.JSONField):
    """A JSON object of any content; that it is one is checked by whoever knows more of it."""


@extend_schema_field(PROBLEM["properties"]["errors"])
class ErrorsField(serializers.JSONField):
    """Errors as problem details name them."""
