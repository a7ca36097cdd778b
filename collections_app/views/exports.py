"""The files of exports."""

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.middleware import actor_of
from collections_app.exports.files import export_response


@require_safe
def export_file(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The file, for who had it made."""
    return export_response(request, actor_of(request), export_id)
