"""Which points of a map the present state shows."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.middleware import actor_of
from core.errors import NotFound
from embeddings.maps.access import view_any_map
from embeddings.maps.mask import map_mask
from explorer.state import ExplorerState
from folders.permissions import get_root


@require_GET
def explorer_mask(request: HttpRequest, root_id: UUID, reduction_id: UUID) -> HttpResponse:
    """A bitmap over the rows of the map's payload, as the map's own mask, for a whole state.

    Unlike that one it knows the threshold of a similarity search.
    """
    actor = actor_of(request)
    root = get_root(actor, root_id)
    view = view_any_map(actor, reduction_id, request.GET.get("mark", ""))
    if view.reduction.root_id != root.pk:
        raise NotFound("There is no such map in this folder.")
    state = ExplorerState.from_query(request.GET)
    mask = map_mask(view, state.matching.units(actor=actor, root=root))
    response = HttpResponse(mask.bits, content_type="application/octet-stream")
    response["X-Kindred-Count"] = str(mask.count)
    response["Cache-Control"] = "private, no-store"
    return response
