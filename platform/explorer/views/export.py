"""*Export*: the dialog, and what it sends."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.middleware import actor_of
from collections_app.models.export import ExportFormat
from collections_app.services.exports import start_export
from core.errors import DomainError, InvalidInput
from embeddings.models import VectorSet
from explorer.views.selected import fields_of, matching_units, picked_units
from folders.models import Folder, MetadataKey
from folders.permissions import get_root


@require_POST
def export_units(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Ask what the file shall hold (with `ask`), and have it made.

    Units are named as in `collect_units`.
    """
    actor = actor_of(request)
    root = get_root(actor, root_id)
    if "ask" in request.POST:
        return _dialog(request, actor, root)
    said = request.POST
    try:
        start_export(
            actor=actor,
            root=root,
            format=said.get("format", ""),
            matching=matching_units(actor, root, said),
            units=picked_units(said),
            keys=said.getlist("keys"),
        )
    except InvalidInput as error:
        return _dialog(request, actor, root, error)
    messages.success(request, "The file is being made. It will lie ready under Jobs for a day.")
    response = render(request, "explorer/collected.html")
    response["HX-Trigger"] = "dialog-close, jobs-changed"
    return response


def _dialog(
    request: HttpRequest, actor: Actor, root: Folder, error: DomainError | None = None
) -> HttpResponse:
    held = VectorSet.objects.filter(root=root).values("key")
    keys = MetadataKey.objects.visible_to(actor).live().embeddings().filter(pk__in=held)
    said = request.POST
    context = {
        **fields_of(actor, root, said),
        "formats": ExportFormat.choices,
        "format": said.get("format") or ExportFormat.JSON.value,
        "keys": keys.order_by("name"),
        "chosen": said.getlist("keys"),
        "error": error,
    }
    status = 200 if error is None else 422
    return render(request, "explorer/export_dialog.html", context, status=status)
