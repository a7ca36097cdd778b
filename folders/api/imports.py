"""Bulk imports over REST: start, look, carry out, cancel, and all errors as a file."""

import json
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.api.accepted import AcceptedSerializer, accepted
from core.api.fields import ErrorsField, ObjectField
from core.api.pagination import CreatedCursorPagination
from core.api.parsers import JSONParser
from core.api.views import APIView, ListAPIView
from core.errors import FieldError, InvalidInput
from folders.choices import FolderRole
from folders.imports.errors import as_csv, as_json_lines, stored_errors
from folders.models import Folder, Import
from folders.permissions import get_folder, get_import
from folders.services.data_imports import SentFile, cancel_import, carry_out, start_import


class ImportSerializer(serializers.ModelSerializer[Import]):
    """A bulk import: how far it is, what was found, what was written."""

    progress = serializers.SerializerMethodField(help_text="0 to 100, null while unknown.")
    step = serializers.SerializerMethodField(help_text="What its job is doing.")
    is_running = serializers.BooleanField(
        read_only=True, help_text="Whether a worker is at work on it, or will be."
    )
    is_stalled = serializers.BooleanField(
        read_only=True, help_text="Whether its worker was lost for good; start it to resume."
    )

    options = ObjectField(read_only=True)
    report = ObjectField(read_only=True, help_text="What was found and written; by kind.")
    # Serializers carry an attribute of this name; it is the wire's name all the same.
    errors = ErrorsField(read_only=True, help_text="The first 500.")  # type: ignore[assignment]

    class Meta:
        model = Import
        fields = [
            "id",
            "folder",
            "kind",
            "file_name",
            "size",
            "side_name",
            "options",
            "dry_run",
            "state",
            "is_running",
            "is_stalled",
            "progress",
            "step",
            "job",
            "report",
            "error_count",
            "errors",
            "failure",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_progress(self, row: Import) -> int | None:
        """Percent of the present phase."""
        return row.job.percent if row.job else None

    def get_step(self, row: Import) -> str:
        """The job's step."""
        return row.job.step if row.job else ""


class AcceptedImportSerializer(ImportSerializer, AcceptedSerializer):
    """A bulk import that a worker is to go on with."""

    class Meta(ImportSerializer.Meta):
        fields = [*ImportSerializer.Meta.fields, "job_url"]
        read_only_fields = fields


class ImportListSerializer(ImportSerializer):
    """A bulk import within a list, without its errors and report."""

    class Meta(ImportSerializer.Meta):
        fields = [name for name in ImportSerializer.Meta.fields if name not in ("errors", "report")]
        read_only_fields = fields


class ImportStartSerializer(serializers.Serializer[Any]):
    """A file, by itself (multipart) or by the id of a complete upload, and what to do with it.

    A matrix without ids (.npy) takes a second file of ids: .npy, .json, .csv, or one id a line.
    """

    file = serializers.FileField(required=False, allow_empty_file=True)
    upload = serializers.UUIDField(required=False)
    ids_file = serializers.FileField(
        required=False, help_text="Ids of the rows of a matrix that has none of its own; vectors."
    )
    ids_upload = serializers.UUIDField(required=False, help_text="The same, uploaded before.")
    file_name = serializers.CharField(required=False, help_text="That of the file unless told.")
    kind = serializers.CharField(help_text="registration, metadata or vectors.")
    options = ObjectField(required=False, help_text="An object; as text in a multipart request.")
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Check only; start it to go on."
    )


class ImportCarryOutSerializer(serializers.Serializer[Any]):
    """How to go on."""

    ignore_errors = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Leave wrong entries out."
    )


class FolderImportListView(ListAPIView[Import]):
    """Imports into one folder."""

    serializer_class = ImportListSerializer
    parser_classes = [MultiPartParser, JSONParser]
    pagination_class = CreatedCursorPagination

    def get_queryset(self) -> QuerySet[Import]:
        """Imports into the folder itself."""
        folder = get_folder(actor_of(self.request), self.kwargs["folder_id"])
        return Import.objects.filter(folder=folder).select_related("job")

    @extend_schema(operation_id="imports_list", tags=["Imports"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the imports into a folder, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="imports_start",
        tags=["Imports"],
        request={
            "multipart/form-data": ImportStartSerializer,
            "application/json": ImportStartSerializer,
        },
        responses={202: AcceptedImportSerializer},
    )
    def post(self, request: Request, folder_id: UUID) -> Response:
        """Send a file; a worker checks it, and then writes what it holds unless this is a dry run.

        Ask for the import until `is_running` is false. Without `ignore_errors` among the options a
        file with a wrong entry is refused as a whole.
        """
        actor = actor_of(request)
        folder = get_folder(actor, folder_id, FolderRole.EDITOR)
        given = ImportStartSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = _start(actor, folder, given.validated_data)
        return _accepted(request, row)


class ImportView(APIView):
    """One import."""

    @extend_schema(operation_id="imports_get", tags=["Imports"], responses=ImportSerializer)
    def get(self, request: Request, import_id: UUID) -> Response:
        """How far an import is, what was found, what was written; the first 500 errors."""
        return Response(ImportSerializer(get_import(actor_of(request), import_id)).data)


class ImportStartView(APIView):
    """The second half of a dry run."""

    @extend_schema(
        operation_id="imports_carry_out",
        tags=["Imports"],
        request=ImportCarryOutSerializer,
        responses={202: AcceptedImportSerializer},
    )
    def post(self, request: Request, import_id: UUID) -> Response:
        """Write what a dry run has checked, or resume an import that has stalled."""
        actor = actor_of(request)
        row = get_import(actor, import_id, FolderRole.EDITOR)
        given = ImportCarryOutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        ignore_errors = given.validated_data["ignore_errors"]
        row = carry_out(actor=actor, row=row, ignore_errors=ignore_errors)
        return _accepted(request, row)


class ImportCancelView(APIView):
    """The end of an import."""

    @extend_schema(
        operation_id="imports_cancel",
        tags=["Imports"],
        request=None,
        responses={200: ImportSerializer, 202: AcceptedImportSerializer},
    )
    def post(self, request: Request, import_id: UUID) -> Response:
        """Cancel an import; what it has written so far is removed again, by its job.

        Status 200 says that nothing was written and all is done.
        """
        actor = actor_of(request)
        row = cancel_import(actor=actor, row=get_import(actor, import_id, FolderRole.EDITOR))
        return _accepted(request, row)


class ImportErrorsView(APIView):
    """All errors of an import."""

    @extend_schema(
        operation_id="imports_errors",
        tags=["Imports"],
        parameters=[
            OpenApiParameter(
                "as",
                str,
                enum=["csv", "jsonl"],
                default="csv",
                description="A table, or JSON.",
            )
        ],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, import_id: UUID) -> StreamingHttpResponse:
        """Download every error, as a table or as one JSON object a line."""
        row = get_import(actor_of(request), import_id)
        return errors_download(row, request.query_params.get("as", "csv"))


def errors_download(row: Import, form: str) -> StreamingHttpResponse:
    """All errors of an import as an attachment.

    Args:
        row: the import.
        form: csv or jsonl.

    Raises:
        InvalidInput: there is no such form.
    """
    if form not in ("csv", "jsonl"):
        wrong = FieldError("as", "There is no such form.", "choice", "csv or jsonl", form[:80])
        raise InvalidInput(wrong.message, errors=[wrong])
    errors = stored_errors(*row.error_files)
    content = as_csv(errors) if form == "csv" else as_json_lines(errors)
    mime = "text/csv; charset=utf-8" if form == "csv" else "application/jsonl"
    response = StreamingHttpResponse(content, content_type=mime)
    response["Content-Disposition"] = f'attachment; filename="import-errors.{form}"'
    return response


def _accepted(request: Request, row: Import) -> Response:
    data = ImportSerializer(row).data
    if row.job_id is None or row.has_ended:
        return Response(data)
    return accepted(request, row.job_id, data)


def _start(actor: Actor, folder: Folder, values: dict[str, Any]) -> Import:
    """Start with the file that was sent, or with an upload."""
    common: dict[str, Any] = {
        "actor": actor,
        "folder": folder,
        "kind": values["kind"],
        "options": _options(values.get("options")),
        "dry_run": values["dry_run"],
    }
    file = _sent(values, "file", "upload")
    if file is None:
        wrong = FieldError("file", "A file is missing.", "required", "a file or an upload")
        raise InvalidInput(wrong.message, errors=[wrong])
    return start_import(
        file=file.content,
        file_name=values.get("file_name") or file.name,
        side=_sent(values, "ids_file", "ids_upload"),
        **common,
    )


def _sent(values: dict[str, Any], file: str, upload: str) -> SentFile | None:
    """A file that came with the request, or one that was uploaded before."""
    if file in values:
        return SentFile(values[file], values[file].name)
    return SentFile(values[upload]) if upload in values else None


def _options(given: Any) -> dict[str, Any]:
    """Options as an object; in a multipart request they come as text."""
    if isinstance(given, str):
        try:
            given = json.loads(given or "{}")
        except (ValueError, RecursionError):
            given = []
    if given is None:
        return {}
    if not isinstance(given, dict):
        wrong = FieldError("options", "The options are one JSON object.", "type", "an object")
        raise InvalidInput(wrong.message, errors=[wrong])
    return given
