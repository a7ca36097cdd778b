"""Which badges tiles show."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_POST

from accounts.middleware import actor_of
from explorer.badges import read_badges, remember_badges
from explorer.state import ExplorerState
from explorer.views.page import address
from folders.permissions import get_root


@require_POST
def explorer_badges(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """Remember the choice in `badge`; the page then looks anew, in the state of `state`."""
    root = get_root(actor_of(request), root_id)
    badges = read_badges(request.POST.getlist("badge"))
    response: HttpResponse
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204, headers={"HX-Trigger": "explorer:changed"})
    else:
        state = ExplorerState.from_query(QueryDict(request.POST.get("state", "")))
        response = HttpResponseRedirect(address(root, state), status=303)
    remember_badges(request, response, badges)
    return response
