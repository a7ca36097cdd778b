"""What a grid over all units asks for: their order, and the tiles of some."""

import re
from uuid import UUID

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.middleware import actor_of
from core.errors import FieldError, InvalidInput
from explorer.badges import badges_of
from explorer.constants import MAX_PAGE_SIZE
from explorer.sequence import rows_of, unit_sequence
from explorer.state import ExplorerState
from explorer.views.context import named_tiles_context
from folders.permissions import get_root

_UNIT_ID = re.compile("[0-9]{1,19}")


@require_GET
def explorer_sequence(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """The ids of all units that a state shows, in its order, little endian without a header.

    Four bytes each as unsigned integers, or eight as floating point numbers where an id is larger,
    as X-Kindred-Width says. A browser reads either in place.
    """
    actor = actor_of(request)
    root = get_root(actor, root_id)
    state = ExplorerState.from_query(request.GET)
    units = unit_sequence(actor=actor, root=root, state=state)
    small = not len(units) or int(units.max()) < 2**32
    response = HttpResponse(
        units.astype("<u4" if small else "<f8").tobytes(), content_type="application/octet-stream"
    )
    response["X-Kindred-Width"] = "4" if small else "8"
    response["X-Kindred-Count"] = str(len(units))
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def explorer_tiles(request: HttpRequest, root_id: UUID) -> HttpResponse:
    """The tiles of named units (ids with commas) in a state; those that are gone are marked."""
    actor = actor_of(request)
    root = get_root(actor, root_id)
    state = ExplorerState.from_query(request.GET)
    wanted = _units(request.GET.get("units", ""))
    rows = rows_of(actor=actor, root=root, state=state, unit_ids=wanted)
    context = named_tiles_context(actor, root, state, badges_of(request), rows)
    there = {row.unit.pk for row in rows}
    context["gone"] = [unit for unit in wanted if unit not in there]
    return render(request, "explorer/named_tiles.html", context)


def _units(said: str) -> list[int]:
    texts = [text for text in said.split(",") if text]
    if len(texts) > MAX_PAGE_SIZE or not all(_UNIT_ID.fullmatch(text) for text in texts):
        message = f"Name up to {MAX_PAGE_SIZE} units by their ids, with commas between them."
        raise InvalidInput(message, errors=[FieldError("units", message)])
    return [unit for text in texts if (unit := int(text)) < np.iinfo(np.int64).max]
