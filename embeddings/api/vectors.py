"""Import of vectors over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.views import APIView
from embeddings.api.vector_body import read_body
from embeddings.constants import MAX_VECTORS_PER_REQUEST
from embeddings.services.imports import import_vectors
from folders.permissions import get_folder


class VectorSerializer(serializers.Serializer[Any]):
    """One vector; the item is named by id or, within the folder and below, by name."""

    item = serializers.UUIDField(required=False)
    name = serializers.CharField(required=False)
    frame = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, help_text="A frame of a video."
    )
    values = serializers.ListField(child=serializers.FloatField())


class VectorsSerializer(serializers.Serializer[Any]):
    """Vectors of one embedding key."""

    key = serializers.CharField(help_text="Name of the embedding key.")
    vectors = serializers.ListField(
        child=VectorSerializer(), min_length=1, max_length=MAX_VECTORS_PER_REQUEST
    )


class VectorsReportSerializer(serializers.Serializer[Any]):
    """What was written."""

    written = serializers.IntegerField()
    dimensions = serializers.IntegerField()


class VectorsView(APIView):
    """Vectors of a folder."""

    @extend_schema(
        operation_id="folder_vectors_import",
        tags=["Embeddings"],
        request=VectorsSerializer,
        responses=VectorsReportSerializer,
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Write vectors for items in the folder, over those they have; all of them or none."""
        actor = actor_of(request)
        folder = get_folder(actor, folder_id)
        key_name, entries = read_body(request.data)
        report = import_vectors(actor=actor, folder=folder, key_name=key_name, entries=entries)
        return Response(VectorsReportSerializer(report).data)
