"""Similarity search over REST."""

from typing import Any
from uuid import UUID

import numpy as np
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.api.views import APIView
from core.errors import FieldError, InvalidInput
from embeddings.api.scope import scope_of
from embeddings.api.vector_fields import VectorField, decode
from embeddings.constants import DEFAULT_SEARCH_LIMIT, MAX_SEARCH_LIMIT
from embeddings.search import (
    DEFAULT_ENGINE,
    ENGINES,
    Example,
    Hit,
    UnitExample,
    VectorExample,
    distance_summary,
    search,
)
from embeddings.services.imports import live_embedding_key
from folders.models import Unit


class QuestionSerializer(serializers.Serializer[Any]):
    """What is searched: neighbours of a unit or of a vector, within a filter."""

    key = serializers.CharField(help_text="Name of the embedding key.")
    unit = serializers.IntegerField(required=False, help_text="Search near this unit's vector.")
    vector = VectorField(required=False, help_text="Search near this vector.")
    filter = serializers.DictField(
        required=False, allow_null=True, help_text="Filter tree; all units when absent."
    )
    max_distance = serializers.FloatField(
        required=False, allow_null=True, help_text="Leave out what is farther."
    )
    engine = serializers.ChoiceField(choices=list(ENGINES), default=DEFAULT_ENGINE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one example is given."""
        if ("unit" in attrs) == ("vector" in attrs):
            raise serializers.ValidationError("Give either a unit or a vector.")
        return attrs


class SearchSerializer(QuestionSerializer):
    """A search, or its next page."""

    limit = serializers.IntegerField(
        default=DEFAULT_SEARCH_LIMIT, min_value=1, max_value=MAX_SEARCH_LIMIT
    )
    cursor = serializers.CharField(
        required=False, allow_null=True, help_text="`next_cursor` of the page before."
    )


class HitSerializer(serializers.Serializer[Any]):
    """A unit and how far it is."""

    unit = serializers.IntegerField()
    item = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    frame = serializers.IntegerField(allow_null=True)
    distance = serializers.FloatField()


class LeftOutSerializer(serializers.Serializer[Any]):
    """Units of the set that were not compared."""

    no_vector = serializers.IntegerField()
    zero = serializers.IntegerField(help_text="Zero vectors have no cosine distance.")


class SearchPageSerializer(serializers.Serializer[Any]):
    """Hits, nearest first."""

    hits = HitSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)
    how = serializers.ChoiceField(choices=["exact", "approximate"])
    searched = serializers.IntegerField()
    left_out = LeftOutSerializer()
    milliseconds = serializers.FloatField()


class DistancesSerializer(serializers.Serializer[Any]):
    """All distances of a search in numbers."""

    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    searched = serializers.IntegerField()
    within = serializers.IntegerField(help_text="How many lie within max_distance.")
    edges = serializers.ListField(child=serializers.FloatField())
    counts = serializers.ListField(child=serializers.IntegerField())
    milliseconds = serializers.FloatField()


class SearchView(APIView):
    """Pages of hits."""

    @extend_schema(
        operation_id="folder_search",
        tags=["Embeddings"],
        request=SearchSerializer,
        responses=SearchPageSerializer,
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Find the units of the folder that are nearest to a unit or a vector."""
        actor = actor_of(request)
        given = SearchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        scope = scope_of(actor, folder_id, tree=asked.get("filter"))
        page = search(
            actor=actor,
            root=scope.root,
            key=live_embedding_key(actor, asked["key"]),
            query=_example(asked),
            units=scope.units,
            limit=asked["limit"],
            cursor=asked.get("cursor"),
            max_distance=asked.get("max_distance"),
            engine=asked["engine"],
        )
        answer = {
            "hits": _described(actor, page.hits),
            "next_cursor": page.next_cursor,
            "how": page.how,
            "searched": page.searched,
            "left_out": page.left_out,
            "milliseconds": page.milliseconds,
        }
        return Response(SearchPageSerializer(answer).data)


class DistancesView(APIView):
    """The distances of a search."""

    @extend_schema(
        operation_id="folder_search_distances",
        tags=["Embeddings"],
        request=QuestionSerializer,
        responses=DistancesSerializer,
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Count the units within a distance, with smallest, largest and a histogram of all."""
        actor = actor_of(request)
        given = QuestionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        scope = scope_of(actor, folder_id, tree=asked.get("filter"))
        summary = distance_summary(
            actor=actor,
            root=scope.root,
            key=live_embedding_key(actor, asked["key"]),
            query=_example(asked),
            units=scope.units,
            threshold=asked.get("max_distance"),
            engine=asked["engine"],
        )
        return Response(DistancesSerializer(summary).data)


def _example(asked: dict[str, Any]) -> Example:
    """What to search near."""
    if "unit" in asked:
        return UnitExample(asked["unit"])
    vector, error = decode(asked["vector"], "vector")
    if error is None and not isinstance(vector, list | np.ndarray):
        expected = "a list of numbers"
        error = FieldError("vector", "A vector is a list of numbers.", "not_a_vector", expected)
    if error is not None:
        raise InvalidInput(errors=[error])
    return VectorExample(vector if isinstance(vector, list) else vector.tolist())


def _described(actor: Actor, hits: list[Hit]) -> list[dict[str, Any]]:
    """Hits with what they are; those deleted since the search are left out."""
    units = (
        Unit.objects.visible_to(actor).select_related("item").in_bulk([hit.unit_id for hit in hits])
    )
    return [
        {
            "unit": unit.pk,
            "item": unit.item_id,
            "name": unit.item.name,
            "kind": unit.kind,
            "frame": unit.frame,
            "distance": hit.distance,
        }
        for hit in hits
        if (unit := units.get(hit.unit_id))
    ]
