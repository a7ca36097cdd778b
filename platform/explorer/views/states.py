"""Actions on a selection that lead to another state: *Exclude* and *Find similar*."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.metrics.searches import count_search
from explorer.badges import badges_of
from explorer.controls import controls_for
from explorer.leaving_out import without_matching, without_part, without_units
from explorer.likeness import Likeness, state_like
from explorer.state import ExplorerState
from explorer.views.context import results_context
from explorer.views.page import address
from explorer.views.selected import present_state, region_of, selected_units
from folders.models import Folder
from folders.permissions import get_root


@require_POST
def exclude_units(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Show the page without the units, which are named as in `collect_units`.

    `state` is the query string of the page that they were picked on.
    """
    actor = actor_of(request)
    root = get_root(actor, root_id)
    said = request.POST
    state, region = present_state(said), region_of(said)
    if "matching" not in said:
        # Of those that he sees: others have no business in an address.
        units = selected_units(actor, root, said).order_by("pk").values_list("pk", flat=True)
        state = without_units(state, units)
    else:
        state = without_part(state, region) if region else without_matching(state)
    return _show(request, actor, root, state)


@require_POST
def find_similar(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Search near all the units, which are named as in `exclude_units`.

    What matches the filter is all there is under it: the search then looks at everything.
    """
    actor = actor_of(request)
    root = get_root(actor, root_id)
    said = request.POST
    state = present_state(said)
    if "matching" in said and region_of(said) is None:
        state = state.changed(filter=None)
    units = selected_units(actor, root, said)
    found = state_like(actor=actor, root=root, state=state, units=units)
    messages.info(request, _words(found, units.count()))
    return _show(request, actor, root, found.state)


def _show(request: HttpRequest, actor: Actor, root: Folder, state: ExplorerState) -> HttpResponse:
    """The page in another state: its parts for htmx, else the way to its address."""
    if not request.headers.get("HX-Request"):
        return redirect(address(root, state))
    controls = controls_for(actor, root)
    context = results_context(actor, root, state, controls, badges_of(request))
    if context["search"] is not None:
        count_search()
    response = render(request, "explorer/results.html", context)
    response["HX-Push-Url"] = address(root, state)
    response["HX-Trigger"] = "explorer:left"
    return response


def _words(found: Likeness, selected: int) -> str:
    without = selected - found.vectors
    are = "is" if without == 1 else "are"
    missing = f" {without:,} without one {are} left out." if without else ""
    if found.by_mean:
        return f"Nearest to the mean of {found.vectors:,} {found.key} vectors.{missing}"
    noun = "vector" if found.vectors == 1 else "vectors"
    return f"Like {found.vectors} {found.key} {noun}.{missing}"
