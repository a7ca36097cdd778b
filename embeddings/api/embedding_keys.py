"""Embedding keys and how much of a folder they cover."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.middleware import actor_of
from embeddings.api.scope import scope_of
from embeddings.services.coverage import coverage
from folders.choices import Metric
from folders.models import MetadataKey


class CoverageSerializer(serializers.Serializer[Any]):
    """Counts of units that the caller sees."""

    units = serializers.IntegerField()
    with_vector = serializers.IntegerField()
    without_vector = serializers.IntegerField()
    zero = serializers.IntegerField(help_text="Of those with a vector: zero vectors.")


class EmbeddingSerializer(serializers.Serializer[Any]):
    """A live embedding key, with its coverage of the folder."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    dimensions = serializers.IntegerField(
        allow_null=True, help_text="Null until the first vector comes."
    )
    metric = serializers.ChoiceField(choices=Metric.choices)
    coverage = CoverageSerializer()


class FolderEmbeddingsView(APIView):
    """Embedding keys of a folder."""

    @extend_schema(
        operation_id="folder_embeddings_list",
        tags=["Embeddings"],
        responses=EmbeddingSerializer(many=True),
    )
    def get(self, request: Request, folder_id: UUID) -> Response:
        """List the organisation's embedding keys and how many units of the folder each covers."""
        actor = actor_of(request)
        scope = scope_of(actor, folder_id)
        keys = MetadataKey.objects.visible_to(actor).live().embeddings().order_by("name")
        listed = [
            {
                "id": key.pk,
                "name": key.name,
                "dimensions": key.dimensions,
                "metric": key.metric,
                "coverage": coverage(actor, scope.root, key, units=scope.units),
            }
            for key in keys
        ]
        return Response(EmbeddingSerializer(listed, many=True).data)
