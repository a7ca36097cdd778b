"""What the REST endpoints of replays take and give."""

from typing import Any

from rest_framework import serializers

from collections_app.api.serializers import NamedSerializer
from core.api.fields import ObjectField


class ReplayedStepSerializer(serializers.Serializer[Any]):
    """One step of the recipe, then and now."""

    words = serializers.CharField()
    then = serializers.IntegerField(help_text="Units that it changed when it was taken.")
    now = serializers.IntegerField(
        allow_null=True,
        help_text="Units that it names today; null of a step that changes nothing by itself.",
    )
    gone = serializers.IntegerField(help_text="Units picked by hand that are not there any more.")
    problem = serializers.CharField(
        allow_blank=True, help_text="Why it cannot be replayed; it is left out then."
    )


class ReplayFiltersSerializer(serializers.Serializer[Any]):
    """Filters that list the units."""

    made = ObjectField()
    added = ObjectField()
    removed = ObjectField()
    kept = ObjectField()


class ReplaySerializer(serializers.Serializer[Any]):
    """What the recipe makes of today's data, against what is in the collection."""

    steps = ReplayedStepSerializer(many=True)
    units = serializers.IntegerField(help_text="In the collection after replaying.")
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    kept = serializers.IntegerField()
    filters = ReplayFiltersSerializer()


class ExpectedSerializer(serializers.Serializer[Any]):
    """The difference that somebody looked at."""

    added = serializers.IntegerField(min_value=0)
    removed = serializers.IntegerField(min_value=0)


class ApplySerializer(serializers.Serializer[Any]):
    """How to apply a recipe."""

    leave_out = serializers.BooleanField(
        required=False, default=False, help_text="Go without steps that cannot be replayed."
    )
    expected = ExpectedSerializer(
        required=False, help_text="Refuse when the difference is another one by now."
    )


class AppliedSerializer(serializers.Serializer[Any]):
    """How many units were added, removed, and found in place."""

    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    kept = serializers.IntegerField()


class SaveReplaySerializer(NamedSerializer):
    """The new collection."""

    leave_out = serializers.BooleanField(
        required=False, default=False, help_text="Go without steps that cannot be replayed."
    )
