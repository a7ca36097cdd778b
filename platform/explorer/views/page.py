"""The Explorer page and its fragments."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.errors import InvalidInput, NotFound
from core.metrics.searches import count_search
from explorer.badges import badges_of
from explorer.controls import Control, controls_for
from explorer.edits import apply_edits, has_edits
from explorer.facets import Facet, facets
from explorer.rail import rail_sections
from explorer.state import ExplorerState
from explorer.views.context import page_context, results_context, tiles_context
from folders.models import Folder
from folders.permissions import get_root


@require_GET
@vary_on_headers("HX-Request")
def explorer(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """The page of a root folder in the state of the address.

    A form that asks for a change is answered with the address of the state that results. A request
    by htmx gets the parts of the page that depend on the state.
    """
    actor = actor_of(request)
    root = get_root(actor, root_id)
    state = ExplorerState.from_query(request.GET)
    controls = controls_for(actor, root)
    if has_edits(request.GET):
        state = apply_edits(state, request.GET, controls)
        if not request.headers.get("HX-Request"):
            return redirect(address(root, state))
    if request.headers.get("HX-Request"):
        context = results_context(actor, root, state, controls, badges_of(request))
        context["dragged"] = _is_dragged(request)
        if not context["dragged"]:
            _count(context)
        response = render(request, "explorer/results.html", context)
        return _with_address(request, response, root, state)
    cursor = request.GET.get("cursor") or None
    context = page_context(actor, root, state, controls, badges_of(request), cursor)
    if cursor is None:
        _count(context)
    return render(request, "explorer/explorer.html", context)


@require_GET
def explorer_results(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """The tiles behind a cursor, with the link to those behind them."""
    actor = actor_of(request)
    root = get_root(actor, root_id)
    state = ExplorerState.from_query(request.GET)
    cursor = request.GET.get("cursor") or None
    context = tiles_context(actor, root, state, badges_of(request), cursor)
    return render(request, "explorer/tiles.html", context)


@require_GET
def explorer_rail(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """The controls of the filter rail with their counts."""
    actor = actor_of(request)
    root = get_root(actor, root_id)
    state = ExplorerState.from_query(request.GET)
    controls = controls_for(actor, root)
    context = {
        "root": root,
        "state": state,
        "sections": rail_sections(controls, state.filter, _counted(actor, root, state, controls)),
        "counted": True,
    }
    return render(request, "explorer/rail_body.html", context)


def address(root: Folder, state: ExplorerState) -> str:
    """The page's address in a state."""
    query = state.query()
    return reverse("explorer", args=[root.pk]) + (f"?{query}" if query else "")


def _with_address(
    request: HttpRequest, response: HttpResponse, root: Folder, state: ExplorerState
) -> HttpResponse:
    """Tell htmx the address of the state; dragging a slider leaves no trail in the history, and
    going through the history makes none.
    """
    if request.headers.get("HX-History-Restore-Request"):
        return response
    header = "HX-Replace-Url" if _is_dragged(request) else "HX-Push-Url"
    # Asked for once more, as after a change of what tiles show, a state is no new step.
    if not _is_present(request, state):
        response[header] = address(root, state)
    return response


def _is_present(request: HttpRequest, state: ExplorerState) -> bool:
    """Whether the page that asks has the address of this state already, however it writes it."""
    present = urlsplit(request.headers.get("HX-Current-URL", ""))
    try:
        return present.path == request.path and state == ExplorerState.from_query(
            QueryDict(present.query)
        )
    except InvalidInput:
        return False


def _count(context: dict[str, Any]) -> None:
    """Count a search that was carried out; a slider that is dragged asks for the same again."""
    if context["search"] is not None:
        count_search()


def _is_dragged(request: HttpRequest) -> bool:
    """Whether the Distance slider asks: it must not be replaced under the pointer."""
    return request.headers.get("HX-Trigger-Name") == "distance"


def _counted(
    actor: Actor, root: Folder, state: ExplorerState, controls: list[Control]
) -> dict[str, Facet]:
    # What cannot be carried out (the page says why) is left out, rather than the counts.
    for usable in (state, state.changed(similar=None)):
        try:
            return facets(actor=actor, root=root, state=usable, controls=controls)
        except (InvalidInput, NotFound):
            continue
    return facets(actor=actor, root=root, state=ExplorerState(), controls=controls)
