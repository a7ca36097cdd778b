"""Similarity search over REST."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.api.views import APIView
from core.metrics.searches import count_search
from embeddings.api.examples import ExamplesSerializer, examples_of
from embeddings.api.scope import scope_of
from embeddings.constants import DEFAULT_SEARCH_LIMIT, MAX_SEARCH_LIMIT
from embeddings.search import (
    DEFAULT_ENGINE,
    ENGINES,
    SearchPage,
    distance_summary,
    search,
)
from embeddings.search.ranking import Order
from embeddings.services.imports import live_embedding_key
from folders.models import Unit


class QuestionSerializer(ExamplesSerializer):
    """What is searched: neighbours of an example or of several, within a filter."""

    key = serializers.CharField(help_text="Name of the embedding key.")
    filter = serializers.DictField(
        required=False, allow_null=True, help_text="Filter tree; all units when absent."
    )
    max_distance = serializers.FloatField(
        required=False, allow_null=True, help_text="Leave out what is farther."
    )
    engine = serializers.ChoiceField(choices=list(ENGINES), default=DEFAULT_ENGINE)


class SearchSerializer(QuestionSerializer):
    """A search, or its next page."""

    limit = serializers.IntegerField(
        default=DEFAULT_SEARCH_LIMIT, min_value=1, max_value=MAX_SEARCH_LIMIT
    )
    cursor = serializers.CharField(
        required=False, allow_null=True, help_text="`next_cursor` of the page before."
    )
    order = serializers.ChoiceField(
        choices=[order.value for order in Order],
        default=Order.NEAREST.value,
        help_text="Which end comes first.",
    )
    roll_up = serializers.BooleanField(
        default=False, help_text="Of each item, above all of videos, only the best hit."
    )
    histogram = serializers.BooleanField(
        default=False, help_text="Answer a first page with all distances in numbers."
    )


class HitSerializer(serializers.Serializer[Any]):
    """A unit and how far it is."""

    unit = serializers.IntegerField()
    item = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    frame = serializers.IntegerField(allow_null=True)
    distance = serializers.FloatField()
    percentile = serializers.FloatField(
        allow_null=True,
        help_text="Percent of all searched units that lie strictly nearer: 0 for the nearest, the "
        "same for equal distances, whatever max_distance and order. Null where an approximate "
        "search does not know.",
    )
    like = serializers.IntegerField(
        allow_null=True, help_text="Place of the plus example that it is nearest to, of several."
    )


class LeftOutSerializer(serializers.Serializer[Any]):
    """Units of the set that were not compared."""

    no_vector = serializers.IntegerField()
    zero = serializers.IntegerField(help_text="Zero vectors have no cosine distance.")


class GapSerializer(serializers.Serializer[Any]):
    """No distance lies between low and high; `below` units are at most `low` away."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    below = serializers.IntegerField()


class DistancesSerializer(serializers.Serializer[Any]):
    """All distances of a search in numbers."""

    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    searched = serializers.IntegerField()
    within = serializers.IntegerField(help_text="How many lie within max_distance.")
    edges = serializers.ListField(child=serializers.FloatField())
    counts = serializers.ListField(child=serializers.IntegerField())
    gaps = GapSerializer(many=True, help_text="Where a threshold would cut between groups.")
    milliseconds = serializers.FloatField()


class SearchPageSerializer(serializers.Serializer[Any]):
    """Hits, nearest first."""

    hits = HitSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)
    how = serializers.ChoiceField(choices=["exact", "approximate"])
    recall = serializers.FloatField(
        allow_null=True,
        help_text="Share of the 50 nearest that an approximate answer finds, as measured.",
    )
    recall_measured_at = serializers.DateTimeField(allow_null=True)
    searched = serializers.IntegerField()
    left_out = LeftOutSerializer()
    milliseconds = serializers.FloatField()
    engine = serializers.CharField(help_text="That answered.")
    ranking = serializers.ChoiceField(
        choices=["new", "kept", "expired"],
        help_text="Whether a further page comes from the ranking that was kept with the first "
        "(15 minutes), or goes on from the cursor since it has expired.",
    )
    gone = serializers.IntegerField(
        help_text="Hits of this page that were deleted since they were ranked, or taken out of "
        "your sight: the page is so much shorter."
    )
    distances = DistancesSerializer(
        allow_null=True, help_text="Of a first page that was asked for with `histogram`."
    )


class SearchView(APIView):
    """Pages of hits."""

    reading_methods = ("POST",)

    @extend_schema(
        operation_id="folder_search",
        tags=["Embeddings"],
        request=SearchSerializer,
        responses=SearchPageSerializer,
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Find the units of the folder that are nearest to an example, or to several."""
        actor = actor_of(request)
        given = SearchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        scope = scope_of(actor, folder_id, tree=asked.get("filter"))
        page = search(
            actor=actor,
            root=scope.root,
            key=live_embedding_key(actor, asked["key"]),
            query=examples_of(asked),
            units=scope.units,
            limit=asked["limit"],
            cursor=asked.get("cursor"),
            max_distance=asked.get("max_distance"),
            order=Order(asked["order"]),
            roll_up=asked["roll_up"],
            engine=asked["engine"],
            histogram=asked["histogram"],
        )
        if asked.get("cursor") is None:
            count_search()
        hits = _described(actor, page)
        return Response(
            {
                "hits": hits,
                "next_cursor": page.next_cursor,
                "how": page.how,
                "recall": page.recall,
                "recall_measured_at": page.recall_measured_at,
                "searched": page.searched,
                "left_out": asdict(page.left_out),
                "milliseconds": page.milliseconds,
                "engine": page.engine,
                "ranking": page.ranking,
                "gone": len(page.hits) - len(hits),
                "distances": asdict(page.distances) if page.distances else None,
            }
        )


class DistancesView(APIView):
    """The distances of a search."""

    reading_methods = ("POST",)

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
            query=examples_of(asked),
            units=scope.units,
            threshold=asked.get("max_distance"),
            engine=asked["engine"],
        )
        return Response(asdict(summary))


def _described(actor: Actor, page: SearchPage) -> list[dict[str, Any]]:
    """Hits with what they are, without those that are gone."""
    ids = [hit.unit_id for hit in page.hits]
    # Not whole rows: metadata may be megabytes.
    units = Unit.objects.visible_to(actor).filter(pk__in=ids).order_by()
    found = {row[0]: row for row in units.values_list("pk", "item", "item__name", "kind", "frame")}
    like = page.like or (None,) * len(ids)
    return [
        {
            **dict(zip(("unit", "item", "name", "kind", "frame"), found[hit.unit_id], strict=True)),
            "distance": hit.distance,
            "percentile": hit.percentile,
            "like": place,
        }
        for hit, place in zip(page.hits, like, strict=True)
        if hit.unit_id in found
    ]
