"""Names of the wire: camelCase there, snake_case here."""

import re
from typing import Any

from rest_framework import serializers

_BOUNDARY = re.compile(r"_([a-z0-9])")


def camel(name: str) -> str:
    """`item_type` as `itemType`."""
    return _BOUNDARY.sub(lambda found: found[1].upper(), name)


def camelised(values: dict[str, Any]) -> dict[str, Any]:
    """The same values under the wire's names; what lies deeper stays as it is."""
    return {camel(name): value for name, value in values.items()}


class WireSerializer(serializers.Serializer[Any]):
    """Fields are declared in snake_case, and read and written under the wire's names.

    So are the paths of errors. Keys that are not declared are passed over, as the SDK passes over
    ours: a newer one may say more.
    """

    def get_fields(self) -> dict[str, Any]:
        """The declared fields by the wire's names."""
        fields = super().get_fields()
        for name, field in fields.items():
            if field.source is None and camel(name) != name:
                field.source = name
        return {camel(name): field for name, field in fields.items()}
