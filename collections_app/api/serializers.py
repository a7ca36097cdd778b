"""What the REST endpoints of collections take and give."""

from typing import Any

from rest_framework import serializers

from collections_app.choices import Colour, Operation
from collections_app.constants import MAX_COMBINED, MAX_DESCRIPTION, MAX_PICKED_UNITS
from collections_app.matching import Matching, Search
from core.api.accepted import AcceptedSerializer
from core.api.fields import ObjectField
from folders.constants import MAX_NAME_LENGTH


class StepSerializer(serializers.Serializer[Any]):
    """One step of a collection's recipe."""

    action = serializers.CharField(help_text="added, removed, replayed or left.")
    words = serializers.CharField(source="sentence", help_text="The step in words.")
    units = serializers.IntegerField()
    user = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    filter = ObjectField(required=False, allow_null=True)
    search = ObjectField(required=False, allow_null=True)
    operation = serializers.CharField(
        required=False, help_text="What the filter makes of other collections, if it does."
    )


class CollectionSerializer(serializers.Serializer[Any]):
    """A collection; `units` counts those that the caller sees."""

    id = serializers.UUIDField()
    root = serializers.UUIDField(source="root_id")  # type: ignore[assignment]  # a serializer's own root
    name = serializers.CharField()
    description = serializers.CharField()
    colour = serializers.IntegerField(help_text="A category of the palette, 1 to 12; 0 is none.")
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


class NamedSerializer(serializers.Serializer[Any]):
    """What a new collection is called."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    description = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=MAX_DESCRIPTION
    )
    colour = serializers.IntegerField(
        required=False,
        default=int(Colour.NONE),
        min_value=0,
        max_value=max(Colour.values),
        help_text="A category of the palette, 1 to 12; 0 is none.",
    )


class NewCollectionSerializer(NamedSerializer, UnitsSerializer):
    """A new collection, with units at once if any are named or described."""


class CombinationSerializer(NamedSerializer):
    """A new collection made of others; the difference is the first without all others."""

    operation = serializers.ChoiceField(Operation.choices)
    collections = serializers.ListField(
        child=serializers.UUIDField(), max_length=MAX_COMBINED, help_text="Their ids, in order."
    )


class ChangedCollectionSerializer(serializers.Serializer[Any]):
    """New name, description or colour."""

    name = serializers.CharField(required=False, max_length=MAX_NAME_LENGTH)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=MAX_DESCRIPTION
    )
    colour = serializers.IntegerField(required=False, min_value=0, max_value=max(Colour.values))


class ChangeSerializer(serializers.Serializer[Any]):
    """How many units were changed, and how many were as wanted already."""

    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class PendingSerializer(AcceptedSerializer):
    """A worker carries it out; ask for the job."""

    job = serializers.UUIDField()
