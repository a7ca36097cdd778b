"""Files: the tree, one folder with its items, and the fragment that follows its counts."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.models import Job
from folders.addresses import item_thumbnail_url
from folders.choices import ItemState
from folders.counts import item_counts, units_below
from folders.finding import Found, find_by_name
from folders.models import Folder, Item
from folders.paging import KeysetPage, keyset_page, search_page
from folders.permissions import get_folder
from folders.services.processing import JOB_KIND
from folders.tree import folder_tree, subfolders
from folders.views.pages import is_partial, place, rights

PAGE_SIZE = 100
ORDERS = ("-created_at", "created_at", "name", "-name")


@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """The topmost folders that the person sees."""
    actor = actor_of(request)
    search = request.GET.get("search", "").strip().replace("\x00", "")
    shown = subfolders(actor, None, cursor=request.GET.get("folders", ""))
    units = units_below(shown.rows)
    for folder in shown.rows:
        folder.unit_total = units.get(folder.pk, 0)  # type: ignore[attr-defined]
    context = {
        "tree": folder_tree(actor),
        "folder": None,
        "can_create": True,
        "subfolders": shown,
        "search": search,
        "found": _found(actor, search) if search else None,
    }
    if is_partial(request) and "folders" in request.GET:
        return render(request, "folders/root_rows.html", context)
    return render(request, "folders/files.html", context)


@require_safe
def folder_page(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """A folder: subfolders, items, what can be done; for htmx the next rows only."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id)
    context = {**_listing(request, folder), **rights(actor, folder)}
    context["subfolders"] = _subfolders(request, actor, folder, context)
    if is_partial(request) and "cursor" in request.GET:
        return render(request, "folders/item_rows.html", context)
    if is_partial(request) and "folders" in request.GET:
        return render(request, "folders/subfolder_rows.html", context)
    context |= place(actor, folder) | _status(actor, folder)
    context |= {
        "tree": folder_tree(actor, folder),
        "can_create": True,
    }
    return render(request, "folders/folder.html", context)


@require_safe
def folder_status(request: HttpRequest, folder_id: UUID) -> HttpResponse:
    """Counts of the folder and the job that reads its media."""
    actor = actor_of(request)
    folder = get_folder(actor, folder_id)
    context = {"folder": folder, **_status(actor, folder)}
    return render(request, "folders/folder_status.html", context)


def _subfolders(
    request: HttpRequest, actor: Actor, folder: Folder, context: dict[str, Any]
) -> KeysetPage[Folder]:
    """Those that stand before the first page of items."""
    if request.GET.get("cursor") or context["state"]:
        return KeysetPage([])
    return subfolders(actor, folder, context["search"], request.GET.get("folders", ""))


def _found(actor: Actor, search: str) -> Found:
    """What has the name, wherever it lies; items with their thumbnails."""
    found = find_by_name(actor, search)
    for item in found.items:
        item.thumbnail_url = item_thumbnail_url(item)  # type: ignore[attr-defined]
    return found


def _listing(request: HttpRequest, folder: Folder) -> dict[str, Any]:
    """The page of items that the address asks for."""
    order = request.GET.get("order", "")
    state = request.GET.get("state", "")
    search = request.GET.get("search", "").strip().replace("\x00", "")
    found = Item.objects.filter(folder=folder, parent=None)
    if state in ItemState.values:
        found = found.filter(state=state)
    order = order if order in ORDERS else ORDERS[0]
    cursor = request.GET.get("cursor", "")
    items: KeysetPage[Item] = (
        search_page(found, search=search, order=order, cursor=cursor, limit=PAGE_SIZE)
        if search
        else keyset_page(found, order=order, cursor=cursor, limit=PAGE_SIZE)
    )
    for item in items.rows:
        item.thumbnail_url = item_thumbnail_url(item)  # type: ignore[attr-defined]
    state = state if state in ItemState.values else ""
    return {"folder": folder, "items": items, "order": order, "search": search, "state": state}


def _status(actor: Actor, folder: Folder) -> dict[str, Any]:
    jobs = Job.objects.visible_to(actor).active().filter(kind=JOB_KIND, folder_id=folder.pk)
    return {"counts": item_counts(folder), "job": jobs.order_by("created_at").first()}
