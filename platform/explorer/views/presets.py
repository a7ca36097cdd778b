"""Presets: the dialogs that save, list and change them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actor import Actor
from accounts.middleware import actor_of
from collections_app.models import Preset
from collections_app.permissions import get_preset, preset_rights, require_preset_owner
from collections_app.services.presets import create_preset, delete_preset, update_preset
from core.errors import Conflict, DomainError, InvalidInput, NotFound
from explorer.chips import chips_of
from explorer.controls import controls_for
from explorer.menus import active_embedding, embeddings_of
from explorer.presets import preset_menu, state_with
from explorer.state import ExplorerState
from explorer.views.page import address
from folders.models import Folder
from folders.permissions import get_root


@require_GET
def presets(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """All presets of a root folder that the actor sees, with what he may do with each.

    `state` is the query string of the page that asks.
    """
    actor = actor_of(request)
    root = get_root(actor, root_id)
    return _list(request, actor, root, _state(actor, root, request.GET))


@require_http_methods(["GET", "POST"])
def preset_new(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """*Save as preset*: ask for a name (GET), save the filter and the search of `state` (POST)."""
    actor = actor_of(request)
    root = get_root(actor, root_id)
    said = request.POST if request.method == "POST" else request.GET
    state = _state(actor, root, said)
    if request.method == "GET":
        return _new_dialog(request, actor, root, state, said)
    try:
        preset = create_preset(
            actor=actor,
            root=root,
            name=said.get("name", ""),
            description=said.get("description", ""),
            filter_tree=state.matching.tree(),
            shared="shared" in said,
        )
    except (InvalidInput, Conflict) as error:
        return _new_dialog(request, actor, root, state, said, error)
    messages.success(request, f"Saved the preset {preset.name}.")
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(address(root, state), status=303)
    response = render(request, "explorer/preset_saved.html", _menu(actor, root, state))
    response["HX-Trigger"] = "dialog-close"
    return response


@require_http_methods(["GET", "POST"])
def preset_edit(request: HttpRequest, preset_id: UUID) -> HttpResponse:
    """Change name, description, and who sees it."""
    actor = actor_of(request)
    preset, root = _of_root(actor, preset_id)
    require_preset_owner(actor, preset)
    said = request.POST if request.method == "POST" else request.GET
    state = _state(actor, root, said)
    if request.method == "GET":
        return _edit_dialog(request, actor, preset, state)
    try:
        preset = update_preset(
            actor=actor,
            preset=preset,
            name=said.get("name", ""),
            description=said.get("description", ""),
            shared="shared" in said,
        )
    except (InvalidInput, Conflict) as error:
        return _edit_dialog(request, actor, get_preset(actor, preset_id), state, said, error)
    messages.success(request, f"Changed the preset {preset.name}.")
    return _listed(request, actor, root, state)


@require_POST
def preset_filter(request: HttpRequest, preset_id: UUID) -> HttpResponse:
    """Have the preset mean the filter and the search of `state` from now on."""
    actor = actor_of(request)
    preset, root = _of_root(actor, preset_id)
    state = _state(actor, root, request.POST)
    update_preset(actor=actor, preset=preset, filter_tree=state.matching.tree())
    messages.success(request, f"{preset.name} now holds the present filter.")
    return _listed(request, actor, root, state)


@require_POST
def preset_delete(request: HttpRequest, preset_id: UUID) -> HttpResponse:
    """Delete a preset."""
    actor = actor_of(request)
    preset, root = _of_root(actor, preset_id)
    delete_preset(actor=actor, preset=preset)
    messages.success(request, f"Deleted the preset {preset.name}.")
    return _listed(request, actor, root, _state(actor, root, request.POST))


def _of_root(actor: Actor, preset_id: UUID) -> tuple[Preset, Folder]:
    """A preset of a root folder; those of the organisation have no page."""
    preset = get_preset(actor, preset_id)
    if preset.root is None:
        raise NotFound("There is no such preset, or you have no access to it.")
    return preset, preset.root


def _state(actor: Actor, root: Folder, said: QueryDict) -> ExplorerState:
    """The state of the page that asks, its search with the embedding that the page shows."""
    state = ExplorerState.from_query(QueryDict(said.get("state", "")))
    if not state.is_search or state.embedding:
        return state
    active = active_embedding(state, embeddings_of(root, controls_for(actor, root), state))
    name = active.key.name if active else ""
    return state.changed(embedding=name, distance=state.distance)


def _menu(actor: Actor, root: Folder, state: ExplorerState) -> dict[str, Any]:
    """The context of the menu, which follows every change."""
    return {
        "root": root,
        "state": state,
        "query": state.query(),
        "chips": chips_of(state, controls_for(actor, root)),
        **preset_menu(actor, root, state),
    }


def _list(request: HttpRequest, actor: Actor, root: Folder, state: ExplorerState) -> HttpResponse:
    rights = preset_rights(actor, root)
    seen = Preset.objects.visible_to(actor).filter(root=root).select_related("created_by")
    rows = [
        {
            "preset": preset,
            "address": address(root, state_with(state, preset.filter or {"all": []})),
            "may_change": rights.may_change(preset),
        }
        for preset in seen.order_by("name", "pk")
    ]
    context = _menu(actor, root, state) | {"rows": rows}
    return render(request, "explorer/presets_dialog.html", context)


def _listed(request: HttpRequest, actor: Actor, root: Folder, state: ExplorerState) -> HttpResponse:
    """The list after a change."""
    if request.headers.get("HX-Request"):
        return _list(request, actor, root, state)
    query = urlencode({"state": state.query()})
    return HttpResponseRedirect(
        f"{reverse('explorer-presets', args=[root.pk])}?{query}", status=303
    )


def _new_dialog(
    request: HttpRequest,
    actor: Actor,
    root: Folder,
    state: ExplorerState,
    said: QueryDict,
    error: DomainError | None = None,
) -> HttpResponse:
    context = {
        "root": root,
        "query": state.query(),
        "back": address(root, state),
        "chips": chips_of(state, controls_for(actor, root)),
        "name": said.get("name", ""),
        "description": said.get("description", ""),
        "shared": "shared" in said,
        "may_share": preset_rights(actor, root).edits,
        "error": error,
    }
    return render(request, "explorer/preset_new.html", context, status=_status(error))


def _edit_dialog(
    request: HttpRequest,
    actor: Actor,
    preset: Preset,
    state: ExplorerState,
    said: QueryDict | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    assert preset.root is not None  # noqa: S101  (the caller looked)
    rights = preset_rights(actor, preset.root)
    mine = preset.created_by_id == actor.user.pk
    context = {
        "root": preset.root,
        "preset": preset,
        "query": state.query(),
        "name": said.get("name", "") if said else preset.name,
        "description": said.get("description", "") if said else preset.description,
        "shared": "shared" in said if said else preset.shared,
        # Only its maker takes it back, only an editor gives it to others.
        "may_share": mine and (preset.shared or rights.edits),
        "error": error,
    }
    return render(request, "explorer/preset_edit.html", context, status=_status(error))


def _status(error: DomainError | None) -> int:
    return 200 if error is None else 422
