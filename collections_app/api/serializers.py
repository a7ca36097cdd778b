"""What the REST endpoints of collections take and give."""

from typing import Any

from rest_framework import serializers

from collections_app.constants import MAX_PICKED_UNITS
from collections_app.matching import Matching, Search
from core.api.accepted import AcceptedSerializer
from core.api.fields import ObjectField
from folders.constants import MAX_NAME_LENGTH


class StepSerializer(serializers.Serializer[Any]):
    """One step of a collection's recipe."""

    action = serializers.CharField()
    units = serializers.IntegerField()
    user = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    filter = ObjectField(required=False, allow_null=True)
    search = ObjectField(required=False, allow_null=True)


class CollectionSerializer(serializers.Serializer[Any]):
    """A collection; `units` counts those that the caller sees."""

    id = serializers.UUIDField()
    root = serializers.UUIDField(source="root_id")  # type: ignore[assignment]  # a serializer's own root
    name = serializers.CharField()
    description = serializers.CharField()
    units = serializers.IntegerField(source="unit_count")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CollectionDetailSerializer(CollectionSerializer):
    """A collection with the steps that made it, in order."""

    recipe = StepSerializer(many=True)


class PendingCollectionSerializer(CollectionDetailSerializer, AcceptedSerializer):
    """A new collection that a worker is still adding units to."""


class NeighboursSerializer(serializers.Serializer[Any]):
    """A similarity search, whose units within `max_distance` are meant."""

    key = serializers.CharField(help_text="Name of the embedding key.")
    unit = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    plus = serializers.ListField(
        child=serializers.IntegerField(min_value=0),
        required=False,
        help_text="Further units that those meant are like.",
    )
    minus = serializers.ListField(
        child=serializers.IntegerField(min_value=0),
        required=False,
        help_text="Units that they are unlike.",
    )
    vector = serializers.CharField(
        required=False, help_text="A vector that they are like, as base64 of its float32 values."
    )
    max_distance = serializers.FloatField(required=False, allow_null=True, default=None)


class UnitsSerializer(serializers.Serializer[Any]):
    """Which units: `units` by id, or all that match `filter` and `similar`."""

    units = serializers.ListField(
        child=serializers.IntegerField(min_value=0), required=False, max_length=MAX_PICKED_UNITS
    )
    filter = ObjectField(required=False, help_text="A tree of the filter grammar.")
    similar = NeighboursSerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids or a description, not both."""
        if "units" in attrs and ("filter" in attrs or "similar" in attrs):
            raise serializers.ValidationError("Give either units, or filter and similar.")
        return attrs


def described(asked: dict[str, Any]) -> Matching | None:
    """What `filter` and `similar` describe together, None when neither is there."""
    if "filter" not in asked and "similar" not in asked:
        return None
    search = asked.get("similar")
    return Matching(filter=asked.get("filter"), search=Search.from_json(search) if search else None)


class NewCollectionSerializer(UnitsSerializer):
    """A new collection, with units at once if any are named or described."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    description = serializers.CharField(required=False, allow_blank=True, default="")


class ChangedCollectionSerializer(serializers.Serializer[Any]):
    """New name or description."""

    name = serializers.CharField(required=False, max_length=MAX_NAME_LENGTH)
    description = serializers.CharField(required=False, allow_blank=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """How many units were changed, and how many were as wanted already."""

    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class PendingSerializer(AcceptedSerializer):
    """A worker carries it out; ask for the job."""

    job = serializers.UUIDField()
