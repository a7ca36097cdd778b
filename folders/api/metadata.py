"""Metadata and vectors for items that are there, in one request."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.accepted import AcceptedSerializer, accepted
from core.api.fields import ObjectField
from core.api.views import APIView
from folders.choices import FolderRole
from folders.permissions import get_folder
from folders.services.imports import import_document


class MetadataRowSerializer(serializers.Serializer[Any]):
    """One item, by id or by its name within the folder."""

    id = serializers.UUIDField(required=False)
    name = serializers.CharField(required=False)
    metadata = ObjectField(help_text="Values by key, vectors among them; null clears one.")


class MetadataDocumentSerializer(serializers.Serializer[Any]):
    """Metadata for items of the folder or below it; laid over what they have."""

    items = MetadataRowSerializer(many=True)


class MetadataReportSerializer(serializers.Serializer[Any]):
    """What was written: `vectors`, `removed` and `stored_as_text` count by key."""

    items = serializers.IntegerField()
    frames = serializers.IntegerField()
    vectors = serializers.DictField(child=serializers.IntegerField())
    removed = serializers.DictField(child=serializers.IntegerField())
    stored_as_text = serializers.DictField(child=serializers.IntegerField())
    job = serializers.UUIDField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())


class AcceptedMetadataSerializer(MetadataReportSerializer, AcceptedSerializer):
    """What was written, while a worker still reads media."""


class FolderMetadataView(APIView):
    """Metadata of many items."""

    @extend_schema(
        operation_id="folders_write_metadata",
        tags=["Items"],
        request=MetadataDocumentSerializer,
        responses={200: MetadataReportSerializer, 202: AcceptedMetadataSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Write metadata and vectors of existing items, all or nothing.

        Every wrong value is named by its place, such as `items.3.metadata.my-embedding`. For more
        than some thousand vectors send the document as an import.
        """
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        # The service checks the document itself, with better words and all errors at once.
        report = import_document(actor=actor, folder=folder, document=request.data)
        data = {**report.as_dict(), "warnings": report.warnings}
        return accepted(request, report.job.pk, data) if report.job else Response(data)
