"""Exports over REST."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from collections_app.constants import MAX_PICKED_UNITS
from collections_app.exports.files import export_response
from collections_app.matching import Matching
from collections_app.models import Export
from collections_app.models.export import ExportFormat
from collections_app.services.exports import get_export, start_export
from core.api.accepted import AcceptedSerializer, accepted
from core.api.views import APIView
from folders.permissions import get_root


class NewExportSerializer(serializers.Serializer[Any]):
    """What the file shall hold; without units, all that match the filter."""

    format = serializers.ChoiceField(ExportFormat.choices)
    filter = serializers.DictField(
        required=False, allow_null=True, help_text="Filter tree; all units when absent."
    )
    units = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=2**63 - 1),
        required=False,
        max_length=MAX_PICKED_UNITS,
        help_text="Ids of units, instead of a filter.",
    )
    keys = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Embedding keys whose vectors are wanted.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Units are named or described, not both."""
        if "units" in attrs and attrs.get("filter") is not None:
            raise serializers.ValidationError("Give either units or a filter.")
        return attrs


class ExportSerializer(serializers.ModelSerializer[Export]):
    """A file, and the job that makes it."""

    job = serializers.UUIDField(source="job_id", allow_null=True, read_only=True)
    folder = serializers.UUIDField(source="root_id", read_only=True)
    file = serializers.SerializerMethodField(help_text="Address; null until it is finished.")

    class Meta:
        model = Export
        fields = ["id", "folder", "format", "units", "size", "job", "file", "created_at"]
        read_only_fields = fields

    def get_file(self, export: Export) -> str | None:
        """Where the file is."""
        return reverse("api-export-file", args=[export.pk]) if export.storage_key else None


_EXAMPLE = {
    "id": "0b6f3a52-90a8-4a55-8d0c-6f3f5a3c8a11",
    "folder": "6a0c2f52-0b0f-4a44-9a51-5d1c0e6a7d10",
    "format": "parquet",
    "units": 1797,
    "size": 512340,
    "job": "9d0e3c7a-4c39-4a58-8a4f-0d3a7d1e2b33",
    "file": "/api/v1/exports/0b6f3a52-90a8-4a55-8d0c-6f3f5a3c8a11/file/",
    "created_at": "2026-11-27T12:00:00Z",
}


class AcceptedExportSerializer(ExportSerializer, AcceptedSerializer):
    """A file that a worker is to make."""

    class Meta(ExportSerializer.Meta):
        fields = [*ExportSerializer.Meta.fields, "job_url"]
        read_only_fields = fields


_ROWS = OpenApiResponse(
    {"type": "array", "items": {"type": "object", "additionalProperties": True}},
    "One object for each unit.",
)


class ExportsView(APIView):
    """Exports of a root folder."""

    @extend_schema(
        operation_id="folder_export",
        tags=["Collections"],
        request=NewExportSerializer,
        responses={202: AcceptedExportSerializer},
        examples=[
            OpenApiExample(
                "Vectors of some units",
                value={"format": "parquet", "filter": None, "keys": ["clip"]},
                request_only=True,
            ),
            OpenApiExample(
                "Not finished",
                value=_EXAMPLE
                | {
                    "units": None,
                    "size": None,
                    "file": None,
                    "job_url": f"https://kindred.example.org/api/v1/jobs/{_EXAMPLE['job']}/",
                },
                response_only=True,
                status_codes=["202"],
            ),
        ],
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Have a file made of units of a root folder; poll its job, then fetch it within a day."""
        actor = actor_of(request)
        root = get_root(actor, folder_id)
        given = NewExportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        named = asked.get("units")
        export = start_export(
            actor=actor,
            root=root,
            format=asked["format"],
            matching=Matching(filter=asked.get("filter")) if named is None else None,
            units=named or [],
            keys=asked.get("keys", []),
        )
        answer = ExportSerializer(export).data
        return accepted(request, export.job_id, answer) if export.job_id else Response(answer)


class ExportView(APIView):
    """One export of your own."""

    @extend_schema(
        operation_id="export_get",
        tags=["Collections"],
        responses=ExportSerializer,
        examples=[OpenApiExample("Finished", value=_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, export_id: UUID) -> Response:
        """Look whether the file is finished."""
        return Response(ExportSerializer(get_export(actor_of(request), export_id)).data)


class ExportFileView(APIView):
    """The file of an export."""

    @extend_schema(
        operation_id="export_file",
        tags=["Collections"],
        responses={
            (200, "application/json"): _ROWS,
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, export_id: UUID) -> HttpResponseBase:
        """Fetch the file, or a range of it; only who had it made may."""
        return export_response(request._request, actor_of(request), export_id)
