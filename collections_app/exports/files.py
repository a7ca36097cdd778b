"""Finished exports as answers."""

from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.actor import Actor
from collections_app.models import Export
from collections_app.models.export import ExportFormat
from collections_app.services.exports import get_export
from core.errors import Conflict
from folders.views.ranges import file_response

_TYPES = {
    ExportFormat.JSON: "application/json",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}


def export_response(request: HttpRequest, actor: Actor, export_id: UUID) -> HttpResponseBase:
    """The file of an export, or a range of it.

    Raises:
        NotFound: the actor has no such export.
        Conflict: it is not finished.
    """
    export = get_export(actor, export_id)
    if not export.storage_key:
        raise Conflict("The file is not finished. See its job.", code="export_not_ready")
    response = file_response(
        request,
        partial(default_storage.open, export.storage_key),
        size=export.size or 0,
        content_type=_TYPES[ExportFormat(export.format)],
        name=file_name(export),
        attachment=True,
        etag=f'"{export.pk.hex}"',
    )
    response["Cache-Control"] = "private, no-store"
    return response


def file_name(export: Export) -> str:
    """For example “Birds 2026-11-27.parquet”."""
    return f"{export.root.name} {export.created_at:%Y-%m-%d}.{export.format}"
