"""The page of one item, and changes of items that pages ask for."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import actor_of
from core.errors import Conflict, InvalidInput
from folders.addresses import unit_thumbnail_url
from folders.choices import FolderRole
from folders.models import Item, MetadataKey, Unit
from folders.paging import KeysetPage, keyset_page
from folders.permissions import get_item
from folders.reading import full_metadata, metadata_rows, vector_rows
from folders.services.deletion import delete_items
from folders.services.imports import MetadataChange, parse_document, update_metadata
from folders.services.items import retry_item
from folders.services.processing import is_stranded
from folders.views.pages import htmx_or_see_other, is_partial, place, refused, rights, see_other

FRAMES_PER_PAGE = 120


@require_safe
def item_page(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """An item: picture or player, facts, metadata, vectors, frames."""
    actor = actor_of(request)
    item = get_item(actor, item_id)
    unit = Unit.objects.filter(item=item, frame=None).first()
    keys = MetadataKey.objects.visible_to(actor).live()
    stored = full_metadata([item], vectors=False)[item.pk]
    context: dict[str, Any] = {
        **place(actor, item.folder),
        **rights(actor, item.folder),
        "item": item,
        "stranded": is_stranded(item),
        "unit": unit,
        "metadata": metadata_rows(item, list(keys)),
        "metadata_json": json.dumps(stored, indent=2, ensure_ascii=False),
        "vectors": vector_rows(unit) if unit else [],
        "frames": _frames(item, request.GET.get("cursor", "")),
        "previous": _neighbour(item, forward=False),
        "next": _neighbour(item, forward=True),
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
    messages.success(request, "The metadata was saved.")
    for warning in report.warnings:
        messages.warning(request, warning)
    return htmx_or_see_other(request, "item", item.pk)


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


def _frames(item: Item, cursor: str) -> KeysetPage[Unit]:
    found = Unit.objects.filter(item=item, frame__isnull=False).select_related("item")
    frames = keyset_page(found, order="frame", cursor=cursor, limit=FRAMES_PER_PAGE)
    for unit in frames.rows:
        unit.thumbnail_url = unit_thumbnail_url(unit)  # type: ignore[attr-defined]
    return frames


def _neighbour(item: Item, *, forward: bool) -> Item | None:
    """The item before or after this one in its folder, by name."""
    beyond, sign = ("gt", "") if forward else ("lt", "-")
    beside = Item.objects.filter(folder=item.folder_id, parent=None)
    same_name = beside.filter(**{"name": item.name, f"pk__{beyond}": item.pk})
    other_name = beside.filter(**{f"name__{beyond}": item.name})
    return (
        same_name.order_by(f"{sign}pk").first()
        or other_name.order_by(f"{sign}name", f"{sign}pk").first()
    )
