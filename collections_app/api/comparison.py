"""Comparisons over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from collections_app.comparisons import Difference, compare, differences, overlap
from collections_app.comparisons.effects import Magnitude
from core.api.views import APIView
from folders.permissions import get_root

_A_SET = "collection:<id>, preset:<id>, filter:<encoded>, all, or rest (all but the other side)."


class OverlapSerializer(serializers.Serializer[Any]):
    """Units by the sides that they are in."""

    only_a = serializers.IntegerField()
    only_b = serializers.IntegerField()
    in_both = serializers.IntegerField()
    neither = serializers.IntegerField()
    jaccard = serializers.FloatField(allow_null=True, help_text="Null of two empty sets.")


class PartSerializer(serializers.Serializer[Any]):
    """A value, or the values from low to high, and how many units of each side have it."""

    value = serializers.CharField(source="label", allow_blank=True, help_text="Empty for a range.")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True, help_text="Seconds since 1970 for moments.")
    a = serializers.IntegerField()
    b = serializers.IntegerField()


class GroupSerializer(serializers.Serializer[Any]):
    """How many units of a side have a value."""

    with_value = serializers.IntegerField()
    units = serializers.IntegerField()


class EffectSerializer(serializers.Serializer[Any]):
    """How far the sides differ, by Cohen's measures."""

    letter = serializers.ChoiceField(["d", "h", "V"])
    value = serializers.FloatField(
        allow_null=True, source="finite", help_text="Null where it is infinite: JSON has no word."
    )
    magnitude = serializers.ChoiceField([str(word) for word in Magnitude])


class DifferenceSerializer(serializers.Serializer[Any]):
    """One field of both sides."""

    name = serializers.CharField(source="field", help_text="As filters take it.")
    type = serializers.CharField()
    a = GroupSerializer()
    b = GroupSerializer()
    parts = PartSerializer(many=True)
    effect = EffectSerializer(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why there is no effect.")


class ComparisonSerializer(serializers.Serializer[Any]):
    """Two sets side by side."""

    overlap = OverlapSerializer()
    differences = DifferenceSerializer(many=True, help_text="Greatest effect first.")


class ComparisonView(APIView):
    """Two sets of a root folder."""

    @extend_schema(
        operation_id="folder_comparison",
        tags=["Collections"],
        parameters=[
            OpenApiParameter("a", str, required=True, description=_A_SET),
            OpenApiParameter("b", str, required=True, description=_A_SET),
        ],
        responses=ComparisonSerializer,
        examples=[
            OpenApiExample(
                "Two collections",
                value={
                    "overlap": {
                        "only_a": 1482,
                        "only_b": 2080,
                        "in_both": 930,
                        "neither": 508,
                        "jaccard": 0.207,
                    },
                    "differences": [
                        {
                            "name": "metadata.reviewed",
                            "type": "Boolean",
                            "a": {"with_value": 2412, "units": 2412},
                            "b": {"with_value": 3010, "units": 3010},
                            "parts": [
                                {"value": "true", "low": None, "high": None, "a": 1736, "b": 1926},
                                {"value": "false", "low": None, "high": None, "a": 676, "b": 1084},
                            ],
                            "effect": {"letter": "h", "value": 0.17, "magnitude": "negligible"},
                            "reason": "",
                        }
                    ],
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request, folder_id: UUID) -> Response:
        """Count what two sets have in common, and what their values tell apart."""
        actor = actor_of(request)
        root = get_root(actor, folder_id)
        asked = {name: request.query_params.get(name, "") for name in ("a", "b")}
        compared = compare(actor=actor, root=root, **asked)
        common = overlap(compared)
        found: list[Difference] = differences(compared, common)
        answer = ComparisonSerializer({"overlap": common, "differences": found})
        return Response(answer.data)
