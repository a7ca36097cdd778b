"""The page of one item, and changes of items that pages ask for."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import actor_of
from core.errors import Conflict, FieldError, InvalidInput, NotFound
from folders.choices import FolderRole
from folders.metadata.parse import filterable
from folders.models import Item, MetadataKey, Unit
from folders.permissions import get_item
from folders.reading import full_metadata, metadata_rows, vector_rows, vectors_of
from folders.services.deletion import delete_items
from folders.services.imports import (
    ImportReport,
    MetadataChange,
    parse_document,
    update_metadata,
)
from folders.services.items import rename_item, retry_item
from folders.services.processing import is_stranded
from folders.value_fields import Field, editable_fields, read_fields
from folders.views.item_context import neighbours, viewer_context
from folders.views.pages import (
    htmx_or_see_other,
    is_partial,
    place,
    refused,
    rights,
    see_other,
)


@require_safe
def item_page(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """An item: picture or player, facts, metadata, vectors, frames."""
    actor = actor_of(request)
    item = get_item(actor, item_id)
    unit = _unit_of(item)
    keys = MetadataKey.objects.visible_to(actor).live()
    stored = full_metadata([item], vectors=False)[item.pk]
    context: dict[str, Any] = {
        **place(actor, item.folder),
        **rights(actor, item.folder),
        "item": item,
        "has_own_unit": unit is not None and unit.item_id == item.pk,
        "stranded": is_stranded(item),
        "unit": unit,
        "metadata": (rows := metadata_rows(item, list(keys))),
        "missing_count": sum(row.is_missing for row in rows),
        "metadata_json": json.dumps(stored, indent=2, ensure_ascii=False),
        "vectors": vector_rows(unit) if unit else [],
        "fields": editable_fields(actor, filterable(item.client_metadata)),
        **viewer_context(item, request.GET.get("cursor", "")),
        **neighbours(item),
    }
    return render(request, "folders/item.html", context)


@require_POST
def item_metadata(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Replace the metadata by a JSON object; vectors that it does not name stay."""
    actor = actor_of(request)
    item = get_item(actor, item_id, FolderRole.EDITOR)
    try:
        metadata = parse_document(request.POST.get("metadata", "").encode(errors="replace"))
        change = MetadataChange(item.pk, metadata, path="item")
        report = update_metadata(actor=actor, changes=[change])
    except InvalidInput as error:
        if is_partial(request):
            context = {"error": error}
            return render(request, "partials/form_errors.html", context, status=422)
        refused(request, error)
        return see_other("item", item.pk)
    return _saved(request, item, report)


@require_POST
def item_values(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Change single values; a wrong one is shown at its field."""
    actor = actor_of(request)
    item = get_item(actor, item_id, FolderRole.EDITOR)
    fields = editable_fields(actor, filterable(item.client_metadata))
    try:
        changed = read_fields(fields, request.POST) | _new_value(request, fields)
        if not changed:
            messages.info(request, "Nothing was changed.")
            return htmx_or_see_other(request, "item", item.pk)
        change = MetadataChange(item.pk, changed, path="item")
        report = update_metadata(actor=actor, changes=[change], merge=True)
    except InvalidInput as error:
        if not is_partial(request):
            refused(request, error)
            return see_other("item", item.pk)
        for field in fields:
            field.take(error)
        shown = any(field.error for field in fields)
        context = {
            "item": item,
            "fields": fields,
            "can_edit": True,
            "said": request.POST,
            "error": None if shown else error,
        }
        return render(request, "folders/item_values.html", context, status=422)
    return _saved(request, item, report)


@require_safe
def item_vector(request: HttpRequest, item_id: UUID, key: str) -> HttpResponse:
    """The values of one vector of the item itself, exactly as stored, as JSON."""
    item = get_item(actor_of(request), item_id)
    unit = _unit_of(item)
    values = vectors_of([unit.pk]).get(unit.pk, {}).get(key) if unit else None
    if values is None:
        raise NotFound("The item has no vector under this key.")
    response = JsonResponse({"item": str(item.pk), "key": key, "values": values})
    name = f"{item.name}.{key}.json"
    disposition = content_disposition_header("download" in request.GET, name)
    response["Content-Disposition"] = disposition or "inline"
    return response


@require_POST
def item_rename(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Give the item another name."""
    actor = actor_of(request)
    item = get_item(actor, item_id, FolderRole.EDITOR)
    try:
        rename_item(actor=actor, item=item, name=request.POST.get("name", ""))
    except InvalidInput as error:
        refused(request, error)
    return see_other("item", item.pk)


@require_POST
def item_retry(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Read an item's media once more that failed, or that nobody is going to read."""
    actor = actor_of(request)
    item = get_item(actor, item_id, FolderRole.EDITOR)
    try:
        retry_item(actor=actor, item=item)
    except Conflict as error:
        refused(request, error)
    return see_other("item", item.pk)


@require_POST
def item_delete(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Delete one item and go to its folder."""
    actor = actor_of(request)
    item = get_item(actor, item_id, FolderRole.EDITOR)
    delete_items(actor=actor, item_ids=[item.pk])
    messages.success(request, f"“{item.name}” was deleted.")
    return see_other("folder", item.folder_id)


def _unit_of(item: Item) -> Unit | None:
    """The unit of the item as a whole; of an image in a sequence, that of its frame."""
    own = Unit.objects.filter(item=item, frame=None).first()
    if own is None and item.parent_id is not None:
        return Unit.objects.filter(item=item.parent_id, frame=item.position).first()
    return own


def _new_value(request: HttpRequest, fields: list[Field]) -> dict[str, Any]:
    """The value under a key that the item did not have, as JSON or else as text.

    Raises:
        InvalidInput: the key is there already.
    """
    name = request.POST.get("new-name", "").strip()
    text = request.POST.get("new-value", "")
    if not name:
        return {}
    if any(field.name == name for field in fields):
        message = f"There is a field “{name}” already."
        raise InvalidInput(message, errors=[FieldError("new-name", message, "repeated")])
    try:
        return {name: json.loads(text)}
    except (ValueError, RecursionError):
        return {name: text}


def _saved(request: HttpRequest, item: Item, report: ImportReport) -> HttpResponse:
    messages.success(request, "The metadata was saved.")
    for warning in report.warnings:
        messages.warning(request, warning)
    return htmx_or_see_other(request, "item", item.pk)
