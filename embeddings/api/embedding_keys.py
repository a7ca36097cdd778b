"""Embedding keys and how much of a folder they cover."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.views import ListAPIView
from embeddings.api.scope import scope_of
from embeddings.services.coverage import coverage
from folders.api.paging import KeysetPagination
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


class FolderEmbeddingsView(ListAPIView[MetadataKey]):
    """Embedding keys of a folder."""

    serializer_class = EmbeddingSerializer
    pagination_class = KeysetPagination
    keyset_orders = ("name", "-name")

    @extend_schema(operation_id="folder_embeddings_list", tags=["Embeddings"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the organisation's embedding keys and how many units of the folder each covers."""
        actor = actor_of(request)
        scope = scope_of(actor, self.kwargs["folder_id"])
        keys = self.paginate_queryset(MetadataKey.objects.visible_to(actor).live().embeddings())
        listed = [
            {
                "id": key.pk,
                "name": key.name,
                "dimensions": key.dimensions,
                "metric": key.metric,
                "coverage": coverage(actor, scope.root, key, units=scope.units),
            }
            for key in keys or []
        ]
        return self.get_paginated_response(EmbeddingSerializer(listed, many=True).data)
