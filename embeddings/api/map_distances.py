"""Distances on a map over REST."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.middleware import actor_of
from core.api.views import APIView
from embeddings.api.examples import ExamplesSerializer, examples_of
from embeddings.maps.access import view_any_map
from embeddings.maps.distances import map_distances
from embeddings.maps.framing import CONTENT_TYPE
from embeddings.services.imports import live_embedding_key


class MapDistancesSerializer(ExamplesSerializer):
    """What the points are near to."""

    key = serializers.CharField(
        required=False, help_text="Name of the embedding key; that of the map when absent."
    )


class MapDistancesView(APIView):
    """One distance for each point."""

    reading_methods = ("POST",)

    @extend_schema(
        operation_id="map_distances",
        tags=["Maps"],
        parameters=[
            OpenApiParameter(
                "mark",
                str,
                description="Of the payload that the caller holds; another one answers 409.",
            )
        ],
        request=MapDistancesSerializer,
        responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY},
    )
    def post(self, request: Request, reduction_id: UUID) -> HttpResponse:
        """Send a column of distances from an example or several; the format is that of colours."""
        actor = actor_of(request)
        view = view_any_map(actor, reduction_id, str(request.query_params.get("mark", "")))
        given = MapDistancesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        key = live_embedding_key(actor, asked.get("key", view.reduction.key.name))
        frame = map_distances(view, actor, key, examples_of(asked))
        response = HttpResponse(frame, content_type=CONTENT_TYPE)
        # Vectors change without the map.
        response["Cache-Control"] = "private, no-store"
        return response
